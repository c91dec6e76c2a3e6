-- Erasure: what an item's row and its relations say is destroyed; the row stays as a tombstone that says by whose order.
do $$
declare rule text;
begin
  select conname into strict rule from pg_constraint
    where conrelid = 'evidence.item'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%address IS NOT NULL%';
  execute format('alter table evidence.item drop constraint %I', rule);
end $$;
alter table evidence.item add constraint item_has_bytes check (
  kind = 'physical' or state = 'disposed' or (address is not null and sha256 is not null and size_bytes is not null));
alter table evidence.item add column erased_by uuid;
alter table evidence.item add constraint item_erased check (erased_by is null or state = 'disposed');

-- An item and all that came out of it, the item first.
create function evidence.family_of(target uuid) returns table (id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  with recursive family (id) as (
    select target
    union all
    select i.id from evidence.item i join family f on i.parent_id = f.id)
  select f.id from family f;
end;

-- Destroys what is kept of one item. `ordered_by`: an entry whose kind ends in `.erased` and that names the item.
create function evidence.erase(target uuid, ordered_by uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (
    select 1 from ledger.subject s join ledger.entry e on e.id = s.entry_id
    where s.entry_id = ordered_by and s.type = 'item' and s.id = target::text and e.kind like '%.erased'
  ) then
    raise exception 'entry % does not order the erasure of item %', ordered_by, target using errcode = 'check_violation';
  end if;
  delete from evidence.text_part where item_id = target;
  delete from evidence.reading where item_id = target;
  delete from evidence.container_says where item_id = target;
  delete from evidence.statement where item_id = target;
  delete from evidence.physical where item_id = target;
  update evidence.acquisition set path = '', path_bytes = null, custody = '{}', source_id = null where item_id = target;
  update evidence.item set state = 'disposed', erased_by = ordered_by, name = '', name_key = '', path = '', path_bytes = null,
    source_id = null, media_type = 'application/octet-stream', format = 'unknown', family = 'unknown', size_bytes = null,
    sha256 = null, sha1 = null, md5 = null, language = null, flags = '{}', content_written = null, content_calendar = null,
    content_precision = null, content_days = null, reading = null, quarantine_reason = null, quarantine_words = null,
    quarantined_at = null
    where id = target and erased_by is null;
  return found;
end $$;

-- Destroys what intake keeps of an item: paths, rows of manifests, what was still to be read.
create function intake.erase(target uuid, ordered_by uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select 1 from evidence.item i where i.id = target and i.erased_by = ordered_by) then
    raise exception 'item % was not erased by entry %', target, ordered_by using errcode = 'check_violation';
  end if;
  delete from intake.task where item_id = target;
  delete from intake.manifest_row r using intake.batch_file f where f.id = r.file_id and f.item_id = target;
  update intake.batch_file set path = '', path_bytes = null, reason = null,
    path_digest = sha256(convert_to(id::text, 'UTF8')) where item_id = target;
end $$;

revoke all on function evidence.family_of, evidence.erase, intake.erase from public;
grant execute on function evidence.family_of, evidence.erase, intake.erase to amanat_app;

alter table integrity.erasure add column approval_id uuid references identity.approval;
-- What the carrying out could not reach, in words: where an external server gives the owner's login too few rights.
alter table integrity.erasure add column left_over text[] not null default '{}';
-- A person said that every copy from before is destroyed or replaced.
alter table integrity.erasure add column copies_confirmed_at timestamptz(3);

-- How many entries wait for a place; the queue itself is closed to the application.
create function ledger.waiting() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select count(*) from ledger.pending;
end;
revoke all on function ledger.waiting from public;
grant execute on function ledger.waiting to amanat_app;
