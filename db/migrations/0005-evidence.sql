-- Evidence: collections, sources, items and what is known of them. Bytes lie in the vault, acts in the ledger.
create extension if not exists pg_trgm schema public;
grant usage on schema public to amanat_app;

create schema evidence;

create table evidence.collection (
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  description text not null default '',
  compartment_id uuid not null references identity.compartment,
  default_classification text not null
    check (default_classification in ('public', 'internal', 'confidential', 'strictly-confidential')),
  trusts_intake boolean not null default false,
  created_by uuid not null references identity.person,
  created_at timestamptz(3) not null
);
create index collection_compartment on evidence.collection (compartment_id);

create table evidence.source (
  id uuid primary key,
  code text not null unique,
  kind text not null check (kind in ('person', 'organisation', 'open-source', 'device', 'other')),
  provider text,
  compartment_id uuid not null references identity.compartment,
  permission text not null default 'unknown' check (permission in ('unknown', 'given', 'restricted', 'refused', 'withdrawn')),
  terms text,
  note text not null default '',
  created_by uuid not null references identity.person,
  created_at timestamptz(3) not null
);

-- Who a source is: a compartment of its own, never the source's.
create table evidence.source_identity (
  source_id uuid primary key references evidence.source,
  compartment_id uuid not null references identity.compartment,
  name text not null,
  contact text not null default '',
  note text not null default '',
  kept_by uuid not null references identity.person,
  kept_at timestamptz(3) not null
);

-- Counters only grow. A number that was taken and not used is a gap, never given again.
create table evidence.counter (
  name text primary key,
  value bigint not null
);

create function evidence.take_numbers(counter_name text, how_many integer) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
  insert into evidence.counter as c (name, value) values (counter_name, greatest(how_many, 1))
  on conflict (name) do update set value = c.value + greatest(how_many, 1)
  returning value - greatest(how_many, 1) + 1;
end;
comment on function evidence.take_numbers is 'The first of so many numbers, never given before.';

create table evidence.item (
  id uuid primary key,
  collection_id uuid not null references evidence.collection,
  -- The collection's, or one of named readers.
  compartment_id uuid not null references identity.compartment,
  source_id uuid references evidence.source,
  batch_id uuid,
  parent_id uuid references evidence.item,
  depth smallint not null default 0,
  kind text not null check (kind in ('digital', 'physical')),
  state text not null check (state in
    ('received', 'quarantined', 'registered', 'processed', 'reviewable', 'returned', 'disposed')),
  registration_number text unique,
  -- Orders by registration; the greatest number stands for "not yet".
  registration_order bigint not null default 9007199254740991,
  name text not null,
  -- The name with letter variants folded, cut: for sorting and finding.
  name_key text collate "und-x-icu" not null,
  path text not null,
  -- The path's own bytes where `path` does not spell them.
  path_bytes bytea,
  media_type text not null default 'application/octet-stream',
  format text not null default 'unknown',
  family text not null default 'unknown',
  size_bytes bigint,
  address text,
  sha256 bytea check (octet_length(sha256) = 32),
  sha1 bytea check (octet_length(sha1) = 20),
  md5 bytea check (octet_length(md5) = 16),
  language text,
  classification text not null check (classification in ('public', 'internal', 'confidential', 'strictly-confidential')),
  flags text[] not null default '{}',
  legal_hold boolean not null default false,
  -- As written, what it may mean, and how exactly.
  content_written text,
  content_calendar text,
  content_precision text,
  content_days daterange,
  received_at timestamptz(3) not null,
  received_entry uuid not null,
  registered_at timestamptz(3),
  registered_entry uuid,
  reading text check (reading in ('read', 'partly', 'unread')),
  child_count integer not null default 0,
  quarantine_reason text,
  quarantine_words text,
  quarantined_at timestamptz(3),
  check ((registration_number is null) = (registered_at is null)),
  check ((registration_number is null) = (registered_entry is null)),
  check (state <> 'quarantined' or quarantine_reason is not null),
  check (kind = 'physical' or (address is not null and sha256 is not null and size_bytes is not null))
);

-- Bytes already held in a collection become a second acquisition, also when two arrive at once.
create unique index item_same_bytes on evidence.item (collection_id, compartment_id, sha256)
  where parent_id is null and kind = 'digital' and state not in ('returned', 'disposed');
create index item_sha256 on evidence.item (sha256);
create index item_batch on evidence.item (batch_id, id) include (reading, parent_id, state);
create index item_parent on evidence.item (parent_id, received_at, id);
create index item_source on evidence.item (source_id, received_at, id);

-- Each sort, over all of a compartment and over one collection of it.
create index item_by_received on evidence.item (compartment_id, received_at, id);
create index item_by_registered on evidence.item (compartment_id, registration_order, id);
create index item_by_name on evidence.item (compartment_id, name_key, id);
create index item_by_size on evidence.item (compartment_id, (coalesce(size_bytes, 0)), id);
create index item_by_type on evidence.item (compartment_id, (format collate "C"), id);
create index item_in_collection_by_received on evidence.item (collection_id, compartment_id, received_at, id);
create index item_in_collection_by_registered on evidence.item (collection_id, compartment_id, registration_order, id);
create index item_in_collection_by_name on evidence.item (collection_id, compartment_id, name_key, id);
create index item_in_collection_by_size on evidence.item (collection_id, compartment_id, (coalesce(size_bytes, 0)), id);
create index item_in_collection_by_type on evidence.item (collection_id, compartment_id, (format collate "C"), id);
-- Each filter: what is rare is found through these, what is common by walking a sort.
create index item_state on evidence.item (state, compartment_id, received_at, id);
create index item_family on evidence.item (family, compartment_id, received_at, id);
create index item_language on evidence.item (language, compartment_id, received_at, id);
create index item_classification on evidence.item (classification, compartment_id, received_at, id);
create index item_held on evidence.item (compartment_id, received_at, id) where legal_hold;
create index item_flagged on evidence.item using gin (flags) where flags <> '{}';
create index item_top on evidence.item (compartment_id, received_at, id) where parent_id is null;
create index item_content_days on evidence.item using gist (content_days) where content_days is not null;
create index item_name_letters on evidence.item using gin (name_key public.gin_trgm_ops);
create index item_quarantined on evidence.item (compartment_id, quarantined_at, id) where state = 'quarantined';

create table evidence.physical (
  item_id uuid primary key references evidence.item,
  condition text not null,
  seal text not null,
  barcode text not null,
  location text not null,
  custodian text not null
);

-- Each time the bytes or the thing arrived. The first made the item; a later one names another path or source.
create table evidence.acquisition (
  id uuid primary key,
  item_id uuid not null references evidence.item,
  batch_id uuid,
  file_id uuid unique,
  source_id uuid references evidence.source,
  path text not null,
  path_bytes bytea,
  custody jsonb not null default '{}',
  received_at timestamptz(3) not null,
  entry_id uuid not null,
  first boolean not null
);
create index acquisition_item on evidence.acquisition (item_id, received_at);
create index acquisition_batch on evidence.acquisition (batch_id, id);

-- What extraction found; replaced as a whole by a later reading.
create table evidence.reading (
  item_id uuid primary key references evidence.item,
  -- [{name, value, saidBy}]
  found jsonb not null,
  -- [{code, words, step, retryable}]
  notices jsonb not null,
  read_at timestamptz(3) not null,
  entry_id uuid not null
);

-- What a container says about a file in it; found, and kept apart from what the file itself says.
create table evidence.container_says (
  item_id uuid primary key references evidence.item,
  found jsonb not null
);

-- What a person or a provider says; never mixed with what was found, never overwritten.
create table evidence.statement (
  id uuid primary key,
  item_id uuid not null references evidence.item,
  name text not null,
  value text not null,
  said_by text not null,
  said_at timestamptz(3) not null,
  entry_id uuid not null,
  superseded_by uuid references evidence.statement
);
create index statement_item on evidence.statement (item_id, said_at);

create table evidence.text_part (
  item_id uuid not null references evidence.item,
  part integer not null,
  label text not null,
  locator jsonb not null,
  language text,
  needs_ocr boolean not null,
  characters integer not null,
  text text not null,
  primary key (item_id, part)
);

-- Counts by change, so that no row is contended; `evidence.fold_tally` adds them up.
create table evidence.tally (
  collection_id uuid not null,
  compartment_id uuid not null,
  state text not null,
  delta bigint not null
);
create index tally_collection on evidence.tally (collection_id, compartment_id, state) include (delta);

create function evidence.tally_added() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into evidence.tally select collection_id, compartment_id, state, count(*) from added group by 1, 2, 3;
  return null;
end $$;

create function evidence.tally_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into evidence.tally
  select collection_id, compartment_id, state, sum(delta) from (
    select collection_id, compartment_id, state, 1 as delta from after_change
    union all
    select collection_id, compartment_id, state, -1 from before_change) as change
  group by 1, 2, 3 having sum(delta) <> 0;
  return null;
end $$;

create trigger item_added after insert on evidence.item
  referencing new table as added for each statement execute function evidence.tally_added();
create trigger item_changed after update on evidence.item
  referencing old table as before_change new table as after_change
  for each statement execute function evidence.tally_changed();

create function evidence.fold_tally() returns void
language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
  with taken as (delete from evidence.tally returning *)
  insert into evidence.tally
  select collection_id, compartment_id, state, sum(delta) from taken group by 1, 2, 3 having sum(delta) <> 0;
end;

-- What the actor may list, as pairs: a compartment, and one collection of it or null for all.
create function evidence.scopes(only_collection uuid) returns table (compartment_id uuid, collection_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select seen.id, only_collection from unnest(identity.visible_compartments()) as seen (id)
  union
  select c.compartment_id, c.id from evidence.collection c
  where c.id = any (identity.granted_subjects())
    and c.compartment_id = any (identity.ordinary_compartments())
    and not c.compartment_id = any (identity.visible_compartments())
    and (only_collection is null or c.id = only_collection);
end;

-- Conditions of a list as SQL. Every value goes through %L; `filter` was checked against the contract.
create function evidence.list_condition(filter jsonb) returns text
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  parts text[] := '{}';
  word text := filter ->> 'nameKey';
  field text;
begin
  foreach field in array array['state', 'family', 'language', 'classification'] loop
    if filter ? field then
      parts := parts || format('i.%I = any (%L::text[])', field,
        (select array_agg(value) from jsonb_array_elements_text(filter -> field)));
    end if;
  end loop;
  foreach field in array array['source_id', 'batch_id', 'parent_id'] loop
    if filter ? field then parts := parts || format('i.%I = %L::uuid', field, filter ->> field); end if;
  end loop;
  if filter ? 'quarantineReason' then
    parts := parts || format('i.quarantine_reason = %L', filter ->> 'quarantineReason');
  end if;
  if (filter ->> 'topOnly')::boolean then parts := parts || 'i.parent_id is null'::text; end if;
  if filter ? 'hold' then
    parts := parts || (case when (filter ->> 'hold')::boolean then 'i.legal_hold' else 'not i.legal_hold' end);
  end if;
  if filter ? 'flag' then
    parts := parts || format('i.flags <> ''{}'' and i.flags @> array[%L]', filter ->> 'flag');
  end if;
  if filter ? 'days' then
    parts := parts || format('i.content_days is not null and i.content_days && %L::daterange', filter ->> 'days');
  end if;
  if filter ? 'receivedFrom' then parts := parts || format('i.received_at >= %L', filter ->> 'receivedFrom'); end if;
  if filter ? 'receivedTo' then parts := parts || format('i.received_at <= %L', filter ->> 'receivedTo'); end if;
  if word is not null and length(word) < 3 then
    parts := parts || format('i.name_key >= %L and i.name_key collate "C" like %L', word,
      replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_') || '%');
  elsif word is not null then
    parts := parts || format('i.name_key like %L',
      '%' || replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_') || '%');
  end if;
  return case when cardinality(parts) = 0 then 'true' else array_to_string(parts, ' and ') end;
end $$;

-- Ids of one page, in order, of what the actor may see and the filter holds. Sight is part of the query: text and
-- array operators lose their indexes under row-level security. `sort`: a key of the contract.
create function evidence.list_items(
  filter jsonb, sort text, descending boolean, after_key text, after_id uuid, at_most integer
) returns table (id uuid, key text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  expression constant text := case sort
    when 'received' then 'i.received_at' when 'registered' then 'i.registration_order' when 'name' then 'i.name_key'
    when 'size' then 'coalesce(i.size_bytes, 0)' when 'type' then 'i.format collate "C"'
    when 'quarantined' then 'i.quarantined_at' end;
  kind constant text := case sort when 'received' then 'timestamptz' when 'quarantined' then 'timestamptz'
    when 'registered' then 'bigint' when 'size' then 'bigint' else 'text' end;
  direction constant text := case when descending then 'desc' else 'asc' end;
  condition text := evidence.list_condition(filter);
  only_collection constant uuid := filter ->> 'collection_id';
  scope record;
  branches text[] := '{}';
  direct uuid[] := identity.granted_subjects();
begin
  if expression is null then raise exception 'no such sort: %', sort; end if;
  if after_id is not null then
    condition := format('%s and (%s, i.id) %s (%L::%s, %L::uuid)', condition, expression,
      case when descending then '<' else '>' end, after_key, kind, after_id);
  end if;
  for scope in select * from evidence.scopes(only_collection) loop
    branches := branches || format(
      '(select i.id, %1$s as sort_key from evidence.item i where i.compartment_id = %2$L and %3$s and %4$s order by %1$s %5$s, i.id %5$s limit %6$s)',
      expression, scope.compartment_id,
      case when scope.collection_id is null then 'true' else format('i.collection_id = %L', scope.collection_id) end,
      condition, direction, at_most);
  end loop;
  if cardinality(direct) > 0 then
    branches := branches || format(
      '(select i.id, %1$s as sort_key from evidence.item i where i.id = any (%2$L::uuid[]) and %3$s and %4$s order by %1$s %5$s, i.id %5$s limit %6$s)',
      expression, direct,
      case when only_collection is null then 'true' else format('i.collection_id = %L', only_collection) end,
      condition, direction, at_most);
  end if;
  if cardinality(branches) = 0 then return; end if;
  -- union: an item may be seen in two ways and stands once.
  return query execute format('select p.id, p.sort_key::text from (%s) as p (id, sort_key) order by p.sort_key %s, p.id %s limit %s',
    array_to_string(branches, case when cardinality(branches) > 1 then ' union ' else '' end), direction, direction, at_most);
end $$;

-- How many, at most `cap`; items granted one by one are counted once.
create function evidence.count_items(filter jsonb, cap integer) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  only_collection constant uuid := filter ->> 'collection_id';
  total bigint;
begin
  execute format(
    'select count(*) from (select 1 from evidence.item i where (i.compartment_id = any (%L::uuid[]) or i.id = any (%L::uuid[])
       or (i.collection_id = any (%L::uuid[]) and i.compartment_id = any (%L::uuid[]))) and %s and %s limit %s) as found',
    identity.visible_compartments(), identity.granted_subjects(), identity.granted_subjects(),
    identity.ordinary_compartments(),
    case when only_collection is null then 'true' else format('i.collection_id = %L', only_collection) end,
    evidence.list_condition(filter), cap) into total;
  return total;
end $$;

-- People of a compartment and open grants: how many may see an item that the caller sees.
create function evidence.reader_counts(target uuid) returns table (people bigint, grants bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select (select count(*) from identity.membership m where m.compartment_id = i.compartment_id),
    (select count(*) from identity.dated_grant g where g.subject_id in (i.id, i.collection_id)
      and g.revoked_at is null and g.until > now())
  from evidence.item i where i.id = target and identity.sees(i.compartment_id, i.id);
end;

-- What a batch brought. Its callers see the batch.
create function evidence.batch_counts(batch uuid) returns table (children bigint, unread bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select count(*) filter (where parent_id is not null), count(*) filter (where reading in ('partly', 'unread'))
  from evidence.item where batch_id = batch;
end;

revoke all on all functions in schema evidence from public;
grant usage on schema evidence to amanat_app;
grant execute on function evidence.take_numbers, evidence.fold_tally, evidence.scopes, evidence.list_items,
  evidence.count_items, evidence.reader_counts, evidence.batch_counts to amanat_app;
grant select on all tables in schema evidence to amanat_app;
revoke select on evidence.counter from amanat_app;
grant insert on evidence.collection, evidence.source, evidence.source_identity, evidence.item, evidence.physical,
  evidence.acquisition, evidence.reading, evidence.container_says, evidence.statement, evidence.text_part to amanat_app;
grant update (name, description, default_classification, trusts_intake) on evidence.collection to amanat_app;
grant update (permission, terms, note, provider) on evidence.source to amanat_app;
grant update (name, contact, note, kept_by, kept_at, compartment_id) on evidence.source_identity to amanat_app;
-- What arrived is never changed: neither bytes, digests, path nor time.
grant update (state, registration_number, registration_order, registered_at, registered_entry, media_type, format,
  family, language, classification, flags, legal_hold, compartment_id, content_written, content_calendar,
  content_precision, content_days, reading, child_count, quarantine_reason, quarantine_words, quarantined_at)
  on evidence.item to amanat_app;
grant update (condition, seal, location, custodian) on evidence.physical to amanat_app;
grant update, delete on evidence.reading to amanat_app;
grant update (superseded_by) on evidence.statement to amanat_app;
grant delete on evidence.text_part to amanat_app;

alter table evidence.collection enable row level security;
create policy see on evidence.collection for all to amanat_app using (
  (select identity.is_system())
  or compartment_id = any ((select identity.visible_compartments())::uuid[])
  or (id = any ((select identity.granted_subjects())::uuid[])
    and compartment_id = any ((select identity.ordinary_compartments())::uuid[])));

alter table evidence.source enable row level security;
create policy see on evidence.source for all to amanat_app using (
  (select identity.is_system()) or compartment_id = any ((select identity.visible_compartments())::uuid[]));

alter table evidence.source_identity enable row level security;
create policy see on evidence.source_identity for all to amanat_app using (
  compartment_id = any ((select identity.visible_compartments())::uuid[]));

alter table evidence.item enable row level security;
create policy see on evidence.item for all to amanat_app using (
  (select identity.is_system())
  or compartment_id = any ((select identity.visible_compartments())::uuid[])
  or id = any ((select identity.granted_subjects())::uuid[])
  or (collection_id = any ((select identity.granted_subjects())::uuid[])
    and compartment_id = any ((select identity.ordinary_compartments())::uuid[])));

alter table evidence.physical enable row level security;
create policy see on evidence.physical for all to amanat_app using (
  exists (select 1 from evidence.item i where i.id = item_id));
alter table evidence.acquisition enable row level security;
create policy see on evidence.acquisition for all to amanat_app using (
  (select identity.is_system()) or exists (select 1 from evidence.item i where i.id = item_id));
alter table evidence.reading enable row level security;
create policy see on evidence.reading for all to amanat_app using (
  (select identity.is_system()) or exists (select 1 from evidence.item i where i.id = item_id));
alter table evidence.container_says enable row level security;
create policy see on evidence.container_says for all to amanat_app using (
  (select identity.is_system()) or exists (select 1 from evidence.item i where i.id = item_id));
alter table evidence.statement enable row level security;
create policy see on evidence.statement for all to amanat_app using (
  (select identity.is_system()) or exists (select 1 from evidence.item i where i.id = item_id));
alter table evidence.text_part enable row level security;
create policy see on evidence.text_part for all to amanat_app using (
  (select identity.is_system()) or exists (select 1 from evidence.item i where i.id = item_id));

alter table evidence.tally enable row level security;
create policy see on evidence.tally for select to amanat_app using (
  (select identity.is_system())
  or compartment_id = any ((select identity.visible_compartments())::uuid[])
  or (collection_id = any ((select identity.granted_subjects())::uuid[])
    and compartment_id = any ((select identity.ordinary_compartments())::uuid[])));
