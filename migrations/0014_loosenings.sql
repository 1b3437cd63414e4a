-- Up Migration

-- Two are needed not only to switch something off, but for whatever loosens the portal: the wish has its value.
alter table switch_offs rename to loosenings;
alter table loosenings rename constraint switch_offs_pkey to loosenings_pkey;
alter table loosenings rename constraint switch_offs_outcome to loosenings_outcome;
alter table loosenings rename constraint switch_offs_closed_whole to loosenings_closed_whole;
alter table loosenings rename constraint switch_offs_confirmed_by_another to loosenings_confirmed_by_another;
alter index switch_offs_one_open rename to loosenings_one_open;
alter table loosenings drop constraint switch_offs_setting;
alter table loosenings add constraint loosenings_setting check (setting in
  ('secondAdminRequired', 'approvalEnabled', 'ticketRequired', 'policyTicketRequired', 'mailPaused', 'maxDurationMinutes'));
-- Those so far were all about switching off.
alter table loosenings add column old_value jsonb, add column new_value jsonb;
update loosenings set old_value = 'true', new_value = 'false';
alter table loosenings alter column old_value set not null, alter column new_value set not null;
