-- Up Migration

-- What AWS said when it last forbade to take it away.
alter table assignments add column cannot_revoke_reason text;

create index drift_findings_result on drift_findings (resulting_grant_id) where resulting_grant_id is not null;
