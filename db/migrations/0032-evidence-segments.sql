-- A disk image that came in several files is one item: its first file stands for it, the others lie below it as its
-- segments and are registered with it.
alter table evidence.item add column segment integer;

-- The same segment sent again is a second acquisition, as any file is.
drop index evidence.item_same_bytes;
create unique index item_same_bytes on evidence.item (collection_id, compartment_id, sha256)
  where (parent_id is null or segment is not null) and kind = 'digital' and state not in ('returned', 'disposed');

-- Puts received files below the one that stands for them; nothing else of what arrived can be changed. Those that
-- are registered, hold something themselves or lie elsewhere stay as they are. Returns the ids that went.
create function evidence.join_segments(head uuid, members uuid[], numbers integer[]) returns setof uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  joined uuid[];
begin
  if not identity.is_system() then raise exception 'only the desk itself joins segments'; end if;
  with moved as (
    update evidence.item m set parent_id = head, depth = h.depth + 1, segment = n.number
    from unnest(members, numbers) as n (id, number), evidence.item h
    where m.id = n.id and h.id = head and m.id <> head and m.parent_id is null and m.child_count = 0
      and m.registration_number is null and m.kind = 'digital' and h.kind = 'digital' and h.parent_id is null
      and m.collection_id = h.collection_id and m.compartment_id = h.compartment_id
    returning m.id)
  select array_agg(id) into joined from moved;
  update evidence.item set child_count = child_count + coalesce(cardinality(joined), 0) where id = head;
  return query select unnest(joined);
end $$;
revoke all on function evidence.join_segments from public;
grant execute on function evidence.join_segments to amanat_app;

-- A segment came as a file of the batch, not out of a container.
create or replace function evidence.batch_counts(batch uuid) returns table (children bigint, unread bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select count(*) filter (where parent_id is not null and segment is null),
    count(*) filter (where reading in ('partly', 'unread'))
  from evidence.item where batch_id = batch;
end;
