-- Intake: batches, their files, manifests, and what is still to be read.
create schema intake;

create table intake.batch (
  id uuid primary key,
  collection_id uuid not null references evidence.collection,
  compartment_id uuid not null references identity.compartment,
  source_id uuid references evidence.source,
  label text not null,
  key text not null,
  state text not null check (state in ('open', 'closed', 'done', 'cancelled')),
  custody jsonb not null default '{}',
  created_by uuid not null references identity.person,
  created_by_name text not null,
  created_at timestamptz(3) not null,
  closed_at timestamptz(3),
  done_at timestamptz(3),
  receipt_entry uuid,
  -- Folders and files of the desk's own machine that are still being taken in, and whether to close after them.
  local_paths jsonb,
  local_close boolean not null default false,
  unique (created_by, collection_id, key)
);
create index batch_newest on intake.batch (compartment_id, created_at, id);
create index batch_unfinished on intake.batch (id) where state in ('open', 'closed');

create table intake.batch_file (
  id uuid primary key,
  batch_id uuid not null references intake.batch,
  -- SHA-256 of the path's bytes: names a file of its batch whatever the bytes are.
  path_digest bytea not null check (octet_length(path_digest) = 32),
  path text not null,
  path_bytes bytea,
  size_bytes bigint,
  modified_at timestamptz(3),
  received_bytes bigint not null default 0,
  state text not null check (state in
    ('announced', 'receiving', 'received', 'done', 'held', 'quarantined', 'failed', 'cancelled')),
  step text not null,
  reason text,
  retryable boolean not null default false,
  item_id uuid,
  tries integer not null default 0,
  changed_at timestamptz(3) not null,
  unique (batch_id, path_digest)
);
create index batch_file_state on intake.batch_file (batch_id, state, id);
create index batch_file_size on intake.batch_file (batch_id) include (state, size_bytes, received_bytes);
create index batch_file_item on intake.batch_file (item_id);

-- Parts of a long upload, each sealed in the vault until the whole is there.
create table intake.piece (
  file_id uuid not null references intake.batch_file,
  start_at bigint not null,
  size_bytes bigint not null,
  address text not null,
  primary key (file_id, start_at)
);

-- Items to be read. A row is claimed until a time; a claim that ran out is taken by another reader.
create table intake.task (
  item_id uuid primary key,
  batch_id uuid not null,
  address text not null,
  name text not null,
  size_bytes bigint not null,
  depth smallint not null,
  -- Bytes that it and all that comes out of it may still expand to.
  budget_bytes bigint not null,
  tries integer not null default 0,
  claimed_until timestamptz(3),
  created_at timestamptz(3) not null
);
create index task_next on intake.task (batch_id, claimed_until nulls first, item_id);
create index task_claim on intake.task (claimed_until nulls first, item_id);

create table intake.manifest (
  batch_id uuid primary key references intake.batch,
  name text not null,
  format text not null,
  columns jsonb not null,
  problems jsonb not null,
  row_count integer not null,
  sent_at timestamptz(3) not null,
  entry_id uuid not null
);

create table intake.manifest_row (
  batch_id uuid not null references intake.manifest on delete cascade,
  row integer not null,
  path text not null,
  -- How a row finds its file: folded path, and the digests it states.
  path_key text not null,
  name_key text not null,
  sha256 bytea,
  sha1 bytea,
  md5 bytea,
  fields jsonb not null,
  custody jsonb not null,
  file_id uuid,
  outcome text not null default 'missing' check (outcome in ('missing', 'matched', 'unhashed', 'mismatch')),
  algorithm text,
  computed text,
  primary key (batch_id, row)
);
create index manifest_row_path on intake.manifest_row (batch_id, path_key);
create index manifest_row_name on intake.manifest_row (batch_id, name_key);
create index manifest_row_file on intake.manifest_row (file_id);

grant usage on schema intake to amanat_app;
grant select, insert, update on intake.batch, intake.batch_file to amanat_app;
grant select, insert, update, delete on intake.piece, intake.task, intake.manifest, intake.manifest_row to amanat_app;

alter table intake.batch enable row level security;
create policy see on intake.batch for all to amanat_app using (
  (select identity.is_system()) or compartment_id = any ((select identity.visible_compartments())::uuid[]));
alter table intake.batch_file enable row level security;
create policy see on intake.batch_file for all to amanat_app using (
  (select identity.is_system()) or exists (select 1 from intake.batch b where b.id = batch_id));
alter table intake.piece enable row level security;
create policy see on intake.piece for all to amanat_app using (
  (select identity.is_system()) or exists (select 1 from intake.batch_file f where f.id = file_id));
alter table intake.task enable row level security;
create policy see on intake.task for all to amanat_app using (
  (select identity.is_system()) or exists (select 1 from intake.batch b where b.id = batch_id));
alter table intake.manifest enable row level security;
create policy see on intake.manifest for all to amanat_app using (
  (select identity.is_system()) or exists (select 1 from intake.batch b where b.id = batch_id));
alter table intake.manifest_row enable row level security;
create policy see on intake.manifest_row for all to amanat_app using (
  (select identity.is_system()) or exists (select 1 from intake.batch b where b.id = batch_id));
