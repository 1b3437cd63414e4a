-- Up Migration

-- What never becomes less, whatever the policies do while it is pending. Null: written by the version before, and `steps` is it.
alter table requests add column submitted_steps jsonb;
update requests set submitted_steps = steps where status = 'pending';

-- Which approvers of the step the person was one of: ["GROUP:id", "USER:id"]. Where it is not known, whoever approved there.
alter table decisions add column named_by jsonb not null default '[]';
update decisions d set named_by = r.steps -> d.step -> 'approvers'
  from requests r
  where r.id = d.request_id and r.status = 'pending' and jsonb_typeof(r.steps -> d.step -> 'approvers') = 'array';
