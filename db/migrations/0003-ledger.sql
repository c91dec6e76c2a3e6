-- The ledger: entries that can be erased, and where each stands in the log. The log itself is files
-- (docs/formats/log.md); these tables are its queue and its index, never its truth.
create schema ledger;

-- What was signed. Every column but `envelope`, `salt` and `disclosures` repeats what the envelope says, so that
-- it can be found; an audit derives each of them again.
create table ledger.entry (
  id uuid primary key,
  kind text not null,
  at timestamptz(3) not null,
  actor_id uuid not null,
  leaf bytea not null check (octet_length(leaf) = 33),
  -- These three are null once the entry is erased; the leaf stays.
  envelope bytea,
  salt bytea check (octet_length(salt) = 32),
  disclosures json,
  -- The entry that ordered the erasure.
  erased_by uuid,
  constraint erased_whole check (
    (erased_by is null and envelope is not null and salt is not null and disclosures is not null)
    or (erased_by is not null and envelope is null and salt is null and disclosures is null))
);
create index entry_of_actor on ledger.entry (actor_id, id);
create index entry_of_kind on ledger.entry (kind, id);

-- Finds the entries of a subject. No foreign key: `ledger.append` is the only writer, and speed counts here.
create table ledger.subject (
  type text not null,
  id text not null,
  entry_id uuid not null,
  kind text not null,
  primary key (type, id, entry_id)
);
create index subject_of_entry on ledger.subject (entry_id);

-- Committed, not yet in the log. Claimed as a set, never as "later than the last one": transactions commit late.
create table ledger.pending (
  entry_id uuid primary key,
  leaf bytea not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- In the log, under a checkpoint that is published. Rows are only ever added.
create table ledger.position (
  index bigint primary key check (index >= 0),
  entry_id uuid not null unique
);

-- The newest published checkpoint that the database knows; one row.
create table ledger.head (
  one boolean primary key default true check (one),
  origin text not null,
  size bigint not null check (size >= 0),
  root bytea not null check (octet_length(root) = 32),
  note text not null,
  published_at timestamptz(3) not null
);

-- Keys that entries were signed with; each was authorised by an entry of kind ledger.entry_key.authorised.
create table ledger.entry_key (
  key_id text primary key check (key_id ~ '^[0-9a-f]{64}$'),
  public_key bytea not null check (octet_length(public_key) = 32),
  since timestamptz(3) not null
);

-- What an actor may read directly: their own entries. Everything else goes through the functions below, whose
-- callers have checked sight of the subject. A search or a view names what was looked for.
alter table ledger.entry enable row level security;
create policy own_entries on ledger.entry for select to amanat_app using (
  (select identity.is_system())
  or actor_id = (select nullif(current_setting('amanat.actor', true), '')::uuid));

alter table ledger.subject enable row level security;
create policy system_only on ledger.subject for select to amanat_app using (
  (select identity.is_system()));

-- Writes entries, their subjects and their place in the queue. The actor is the transaction's own: nobody writes
-- in another's name. Arrays run in parallel; `subjects` is one JSON list of {entry, type, id, kind}.
create function ledger.append(
  ids uuid[], kinds text[], ats timestamptz[], leaves bytea[], envelopes bytea[], salts bytea[],
  disclosed json[], subjects jsonb
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  acting constant uuid := current_setting('amanat.actor')::uuid;
begin
  insert into ledger.entry (id, kind, at, actor_id, leaf, envelope, salt, disclosures)
    select e.id, e.kind, e.at, acting, e.leaf, e.envelope, e.salt, e.disclosed
    from unnest(ids, kinds, ats, leaves, envelopes, salts, disclosed)
      as e (id, kind, at, leaf, envelope, salt, disclosed);
  insert into ledger.pending (entry_id, leaf)
    select p.id, p.leaf from unnest(ids, leaves) as p (id, leaf);
  insert into ledger.subject (type, id, entry_id, kind)
    select s.type, s.id, s.entry, s.kind
    from jsonb_to_recordset(subjects) as s (entry uuid, type text, id text, kind text)
    on conflict do nothing;
end $$;

-- The entries of a subject in the order they were made. `kinds` null: all.
create function ledger.entries_of(
  subject_type text, subject_id text, wanted text[], after_entry uuid, at_most integer
) returns table (
  id uuid, kind text, at timestamptz, actor_id uuid, leaf bytea, envelope bytea, salt bytea, disclosures json,
  erased_by uuid, index bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select e.id, e.kind, e.at, e.actor_id, e.leaf, e.envelope, e.salt, e.disclosures, e.erased_by, p.index
  from ledger.subject s
  join ledger.entry e on e.id = s.entry_id
  left join ledger.position p on p.entry_id = s.entry_id
  where s.type = subject_type and s.id = subject_id
    and (wanted is null or s.kind = any (wanted))
    and (after_entry is null or s.entry_id > after_entry)
  order by s.entry_id
  limit at_most;
end;

-- Certain entries, whoever made them.
create function ledger.entries_by_id(wanted uuid[]) returns table (
  id uuid, kind text, at timestamptz, actor_id uuid, leaf bytea, envelope bytea, salt bytea, disclosures json,
  erased_by uuid, index bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select e.id, e.kind, e.at, e.actor_id, e.leaf, e.envelope, e.salt, e.disclosures, e.erased_by, p.index
  from ledger.entry e left join ledger.position p on p.entry_id = e.id
  where e.id = any (wanted);
end;

-- Destroys what an entry says, on the order of another entry that names it as a subject of type `entry`.
-- True where it was destroyed now. The leaf and the place in the log stay.
create function ledger.erase(target uuid, ordered_by uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if target = ordered_by or not exists (
    select 1 from ledger.subject s join ledger.entry e on e.id = s.entry_id
    where s.entry_id = ordered_by and s.type = 'entry' and s.id = target::text and e.kind like '%.erased'
  ) then
    raise exception 'entry % does not order the erasure of entry %', ordered_by, target using errcode = 'check_violation';
  end if;
  delete from ledger.subject where entry_id = target;
  update ledger.entry set envelope = null, salt = null, disclosures = null, erased_by = ordered_by
    where id = target and erased_by is null;
  return found;
end $$;

revoke all on all functions in schema ledger from public;

grant usage on schema ledger to amanat_app, amanat_sequencer;
grant execute on all functions in schema ledger to amanat_app;
grant select on ledger.entry, ledger.subject, ledger.pending, ledger.position, ledger.head, ledger.entry_key to amanat_app;
grant insert on ledger.entry_key to amanat_app;

grant select, delete on ledger.pending to amanat_sequencer;
grant select, insert on ledger.position to amanat_sequencer;
grant select, insert, update on ledger.head to amanat_sequencer;
