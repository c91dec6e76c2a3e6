-- Integrity: audits, backups and erasures, as they ran. What they found and did stands in the ledger as well.
create schema integrity;

create table integrity.audit (
  id uuid primary key,
  started_at timestamptz(3) not null,
  ended_at timestamptz(3),
  started_by uuid not null references identity.person,
  state text not null check (state in ('running', 'intact', 'problems', 'stopped')),
  -- {blobs, bytes, entries, tiles}: counts of what was reread, and of what there was to reread.
  done jsonb not null,
  total jsonb not null,
  tree_size bigint not null,
  problem_count integer not null default 0,
  -- The first thousand: [{kind, object, name, words}].
  problems jsonb not null default '[]'
);
create index audit_by_time on integrity.audit (started_at desc);

create table integrity.backup (
  id uuid primary key,
  made_at timestamptz(3) not null,
  made_by uuid not null references identity.person,
  folder text not null,
  tree_size bigint not null,
  epoch_id text not null,
  -- Set where a later erasure asked for its removal, and a person confirmed it.
  confirmed_gone_at timestamptz(3)
);

create table integrity.erasure (
  id uuid primary key,
  item_ids uuid[] not null check (cardinality(item_ids) > 0),
  registration_numbers text[] not null,
  legal_basis text not null check (length(legal_basis) between 3 and 2000),
  proposed_by uuid not null references identity.person,
  proposed_at timestamptz(3) not null,
  approved_by uuid references identity.person,
  approved_at timestamptz(3),
  state text not null check (state in ('proposed', 'approved', 'done', 'withdrawn', 'failed')),
  -- The step an interrupted erasure goes on from.
  step text not null default 'proposed',
  old_epochs text[] not null default '{}',
  failure text,
  -- Two people, whatever the application says.
  check (approved_by is null or approved_by <> proposed_by),
  check (state not in ('approved', 'done') or approved_by is not null)
);
create index erasure_by_time on integrity.erasure (proposed_at desc);

grant usage on schema integrity to amanat_app;
grant select, insert, update on integrity.audit, integrity.backup, integrity.erasure to amanat_app;
-- A backup that failed is taken from the list; the log keeps that it was begun.
grant delete on integrity.backup to amanat_app;

-- Officers and auditors read audits; backups and erasures belong to those who run them.
alter table integrity.audit enable row level security;
create policy see on integrity.audit for all to amanat_app using (
  (select identity.is_system()) or (select identity.has_role('administrator', 'evidence-officer', 'auditor')));

alter table integrity.backup enable row level security;
create policy see on integrity.backup for all to amanat_app using (
  (select identity.is_system()) or (select identity.has_role('administrator', 'evidence-officer', 'auditor')));

alter table integrity.erasure enable row level security;
create policy see on integrity.erasure for all to amanat_app using (
  (select identity.is_system()) or (select identity.has_role('evidence-officer', 'auditor')));
