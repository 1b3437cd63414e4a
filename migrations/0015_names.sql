-- Up Migration

-- Whether a name stands for several groups or people is asked wherever approvers are named, in a large organization too.
create index groups_display_name on groups (display_name);
create index users_display_name on users (display_name);
