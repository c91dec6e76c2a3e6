-- Search: passages as text under row-level security, and the index over them as immutable segments
-- (docs/decisions/0003-search-engine.md). Index and text commit together.
create schema search;

create table search.subject (
  subject_id uuid primary key,
  subject_type text not null check (length(subject_type) between 1 and 40),
  compartment_id uuid not null,
  collection_id uuid,
  name text not null,
  facets jsonb not null,
  first_day integer,
  last_day integer
);
create index subject_compartment on search.subject (compartment_id);
comment on table search.subject is 'What can be found. Days are counted from 1970-01-01.';

create sequence search.passage_no;

-- Numbers are never used twice: a changed subject gets new ones, so that an old number in the index stays gone.
create table search.passage (
  passage_no bigint primary key,
  subject_id uuid not null references search.subject on delete cascade,
  compartment_id uuid not null,
  collection_id uuid,
  label text not null,
  start_at integer not null,
  end_at integer not null,
  body text not null
);
create index passage_subject on search.passage (subject_id);

create table search.segment (
  segment_id bigint primary key generated always as identity,
  docs integer not null check (docs > 0),
  body_bytes bigint not null,
  head bytea not null,
  body bytea
);
comment on column search.segment.body is 'The whole body of a small segment; null where it lies in parts.';
alter table search.segment alter column head set storage external, alter column body set storage external;

create table search.segment_part (
  segment_id bigint not null references search.segment on delete cascade,
  part_no integer not null,
  bytes bytea not null,
  primary key (segment_id, part_no)
);
alter table search.segment_part alter column bytes set storage external;

-- Removed passages that a segment may still hold; a merge takes them out of both. `xid` lets a process ask for
-- what it has not seen, late commits included.
create table search.gone (
  passage_no bigint primary key,
  xid xid8 not null default pg_current_xact_id()
);
create index gone_xid on search.gone (xid);

alter table search.subject enable row level security;
create policy read on search.subject for select to amanat_app using (
  (select identity.is_system()) or identity.sees(compartment_id, subject_id) or identity.sees(compartment_id, collection_id));
alter table search.passage enable row level security;
create policy read on search.passage for select to amanat_app using (
  (select identity.is_system()) or identity.sees(compartment_id, subject_id) or identity.sees(compartment_id, collection_id));

-- Removes subjects with their passages and marks these as gone from the index. Whoever calls it has decided already.
create function search.remove(subjects uuid[]) returns integer
language plpgsql security definer set search_path = '' as $$
declare removed integer;
begin
  insert into search.gone (passage_no)
    select passage_no from search.passage where subject_id = any (subjects);
  get diagnostics removed = row_count;
  delete from search.subject where subject_id = any (subjects);
  return removed;
end $$;

-- Puts subjects in the place of what each was, all in one statement. `nos` are numbers just taken from search.passage_no; the
-- arrays of subjects run in parallel, and so do those of passages, whose `owners` are among the subjects.
create function search.put(subjects uuid[], kinds text[], compartments uuid[], collections uuid[], titles text[],
  facets_of jsonb[], first_days integer[], last_days integer[],
  owners uuid[], nos bigint[], labels text[], starts integer[], ends integer[], bodies text[])
returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into search.subject as s
    select n.* from unnest(subjects, kinds, compartments, collections, titles, facets_of, first_days, last_days)
      as n (subject_id, subject_type, compartment_id, collection_id, name, facets, first_day, last_day)
    order by n.subject_id
    on conflict (subject_id) do update set subject_type = excluded.subject_type,
      compartment_id = excluded.compartment_id, collection_id = excluded.collection_id, name = excluded.name,
      facets = excluded.facets, first_day = excluded.first_day, last_day = excluded.last_day;
  with old as (delete from search.passage p where p.subject_id = any (subjects) returning p.passage_no)
    insert into search.gone (passage_no) select passage_no from old;
  insert into search.passage
    select t.no, t.owner, s.compartment_id, s.collection_id, t.label, t.start_at, t.end_at, t.body
    from unnest(owners, nos, labels, starts, ends, bodies) as t (owner, no, label, start_at, end_at, body)
      join search.subject s on s.subject_id = t.owner;
end $$;

-- Of some passage numbers, those that exist, whoever may see them: tells a passage that was just removed from one
-- that row-level security hides.
create function search.existing(nos bigint[]) returns bigint[]
language sql stable security definer set search_path = ''
return (select coalesce(array_agg(p.passage_no), '{}') from search.passage p where p.passage_no = any (nos));

-- Rewrites the files of every table here, so that what was erased is on no page of them.
create function search.rewrite_files() returns void
language plpgsql security definer set search_path = '' as $$
begin
  cluster search.subject using subject_pkey;
  cluster search.passage using passage_pkey;
  cluster search.segment using segment_pkey;
  cluster search.segment_part using segment_part_pkey;
  cluster search.gone using gone_pkey;
end $$;

revoke all on function search.remove, search.put, search.existing, search.rewrite_files from public;
grant usage on schema search to amanat_app;
grant usage on sequence search.passage_no to amanat_app;
grant select on search.subject, search.passage to amanat_app;
grant select, insert, delete on search.segment, search.segment_part, search.gone to amanat_app;
grant execute on function search.remove, search.put, search.existing, search.rewrite_files to amanat_app;
