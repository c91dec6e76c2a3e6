-- People, roles, compartments, dated grants, ways in (invitations, sessions, tokens, passkeys), approvals.
-- Roles and sight always come from these tables by the actor's id; a client's settings carry nothing but that id.
create schema identity;

create table identity.person (
  id uuid primary key,
  kind text not null check (kind in ('person', 'local-operator', 'system')),
  name text not null check (length(name) between 1 and 120),
  sign_in_name text check (length(sign_in_name) between 3 and 254),
  state text not null default 'active' check (state in ('active', 'suspended')),
  created_at timestamptz not null,
  check ((kind = 'person') = (sign_in_name is not null))
);
create unique index person_sign_in_name on identity.person (lower(sign_in_name));
create unique index person_one_local_operator on identity.person (kind) where kind <> 'person';
comment on table identity.person is 'Who can act. The desk itself is one row, the local operator another.';

insert into identity.person (id, kind, name, created_at)
values ('00000000-0000-7000-8000-000000000001', 'system', 'desk', now());

create table identity.person_role (
  person_id uuid not null references identity.person,
  role text not null check (role in ('administrator', 'evidence-officer', 'investigator', 'analyst', 'legal-officer',
    'reviewer', 'translator', 'witness-protection-officer', 'liaison', 'caseworker', 'editor', 'fact-checker',
    'partner', 'auditor')),
  given_by uuid not null references identity.person,
  given_at timestamptz not null,
  primary key (person_id, role)
);

create table identity.compartment (
  id uuid primary key,
  name text not null unique check (length(name) between 1 and 120),
  kind text not null check (kind in ('ordinary', 'source-identity', 'named-reader')),
  created_by uuid not null references identity.person,
  created_at timestamptz not null
);

create table identity.membership (
  compartment_id uuid not null references identity.compartment,
  person_id uuid not null references identity.person,
  given_by uuid not null references identity.person,
  given_at timestamptz not null,
  primary key (compartment_id, person_id)
);
create index membership_person on identity.membership (person_id);

-- Sight of one item or one collection, for a purpose, until a date. A grant to a collection opens what lies in
-- ordinary compartments only; an item in any other compartment needs a grant that names it.
create table identity.dated_grant (
  id uuid primary key,
  person_id uuid not null references identity.person,
  subject_kind text not null check (subject_kind in ('collection', 'item')),
  subject_id uuid not null,
  purpose text not null check (length(purpose) between 3 and 2000),
  original boolean not null default false,
  until timestamptz not null,
  given_by uuid not null references identity.person,
  given_at timestamptz not null,
  revoked_by uuid references identity.person,
  revoked_at timestamptz,
  check (person_id <> given_by)
);
create index dated_grant_person on identity.dated_grant (person_id, subject_id) where revoked_at is null;
create index dated_grant_subject on identity.dated_grant (subject_id);
comment on column identity.dated_grant.original is 'True where the original may be downloaded, not only a working copy.';

create table identity.credential (
  person_id uuid primary key references identity.person,
  password_hash text,
  password_set_at timestamptz,
  totp_secret bytea,
  totp_confirmed_at timestamptz,
  totp_last_step bigint
);
comment on column identity.credential.totp_last_step is 'The newest time step that was accepted: a code works once.';

create table identity.passkey (
  id text primary key,
  person_id uuid not null references identity.person,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null default '{}',
  name text not null check (length(name) between 1 and 120),
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkey_person on identity.passkey (person_id);

create table identity.session (
  id uuid primary key,
  person_id uuid not null references identity.person,
  secret_digest bytea not null unique check (length(secret_digest) = 32),
  factors text[] not null,
  complete boolean not null,
  agent text not null default '',
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_by uuid references identity.person
);
create index session_person on identity.session (person_id, created_at);
comment on column identity.session.complete is 'False between the password and the second factor.';

create table identity.invitation (
  id uuid primary key,
  kind text not null check (kind in ('first-administrator', 'join', 'reset')),
  person_id uuid references identity.person,
  name text not null default '',
  roles text[] not null default '{}',
  compartment_ids uuid[] not null default '{}',
  secret_digest bytea not null unique check (length(secret_digest) = 32),
  created_by uuid not null references identity.person,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_by uuid references identity.person,
  used_at timestamptz,
  withdrawn_at timestamptz,
  check ((kind = 'reset') = (person_id is not null))
);

create table identity.token (
  id uuid primary key,
  person_id uuid not null references identity.person,
  name text not null check (length(name) between 1 and 120),
  secret_digest bytea not null unique check (length(secret_digest) = 32),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index token_person on identity.token (person_id);

-- What a passkey has to sign; each is used once.
create table identity.challenge (
  id uuid primary key,
  person_id uuid references identity.person,
  purpose text not null check (purpose in ('register', 'sign-in')),
  challenge text not null,
  expires_at timestamptz not null
);

-- Failed sign-ins, by a digest of the sign-in name: a database reader learns no names that do not exist.
create table identity.attempt (
  key text primary key,
  failures integer not null,
  last_at timestamptz not null,
  locked_until timestamptz
);

-- Acts that need two people. `order_digest` binds the approval to exactly what will be done.
create table identity.approval (
  id uuid primary key,
  act text not null check (length(act) between 1 and 80),
  subject_id uuid,
  order_digest bytea not null check (length(order_digest) = 32),
  summary text not null check (length(summary) between 1 and 2000),
  why text not null check (length(why) between 3 and 2000),
  state text not null check (state in ('proposed', 'approved', 'declined', 'withdrawn', 'carried-out')),
  proposed_by uuid not null references identity.person,
  proposed_at timestamptz not null,
  expires_at timestamptz not null,
  decided_by uuid references identity.person,
  decided_at timestamptz,
  decided_why text,
  carried_out_at timestamptz,
  check (state <> 'declined' or decided_by is not null),
  check (state not in ('approved', 'carried-out') or decided_by is not null),
  check (state = 'withdrawn' or decided_by is null or decided_by <> proposed_by)
);
create index approval_waiting on identity.approval (proposed_at) where state in ('proposed', 'approved');

-- The actor of this transaction; null where none is set.
create function identity.actor_id() returns uuid
language sql stable parallel safe set search_path = ''
return nullif(current_setting('amanat.actor', true), '')::uuid;

-- True for the desk's own work (workers, clean-up): it sees every record.
create function identity.is_system() returns boolean
language sql stable parallel safe set search_path = ''
return coalesce(current_setting('amanat.actor_kind', true) = 'system'
  and identity.actor_id() = '00000000-0000-7000-8000-000000000001'::uuid, false);

-- True where the actor is an active person with one of these roles. The roles come from the table, not the settings.
create function identity.has_role(variadic roles text[]) returns boolean
language sql stable parallel safe security definer set search_path = ''
return exists (
  select 1 from identity.person_role r join identity.person p on p.id = r.person_id
  where p.id = identity.actor_id() and p.state = 'active' and r.role = any (roles));

-- True where the actor holds a role that may see content at all: administrators alone see none.
create function identity.sees_content() returns boolean
language sql stable parallel safe security definer set search_path = ''
return exists (
  select 1 from identity.person_role r join identity.person p on p.id = r.person_id
  where p.id = identity.actor_id() and p.state = 'active' and r.role <> 'administrator');

-- Every compartment the actor is in. Call as (select identity.visible_compartments()): once a query, not once a row.
create function identity.visible_compartments() returns uuid[]
language sql stable parallel safe security definer set search_path = ''
return case
  when identity.is_system() then (select coalesce(array_agg(c.id), '{}') from identity.compartment c)
  when identity.sees_content() then (select coalesce(array_agg(m.compartment_id), '{}') from identity.membership m
    where m.person_id = identity.actor_id())
  else '{}'::uuid[] end;

-- Compartments in which a grant to a collection counts.
create function identity.ordinary_compartments() returns uuid[]
language sql stable parallel safe security definer set search_path = ''
return (select coalesce(array_agg(c.id), '{}') from identity.compartment c where c.kind = 'ordinary');

-- Items and collections that the actor was granted and whose date has not passed.
create function identity.granted_subjects() returns uuid[]
language sql stable parallel safe security definer set search_path = ''
return case when identity.sees_content() then (select coalesce(array_agg(g.subject_id), '{}')
  from identity.dated_grant g where g.person_id = identity.actor_id() and g.revoked_at is null and g.until > now())
  else '{}'::uuid[] end;

-- The whole decision for one row: `subject` is an item's or its collection's id.
create function identity.sees(compartment uuid, subject uuid) returns boolean
language sql stable parallel safe security definer set search_path = ''
return identity.is_system() or (identity.sees_content() and (
  exists (select 1 from identity.membership m
    where m.person_id = identity.actor_id() and m.compartment_id = compartment)
  or exists (select 1 from identity.dated_grant g
    where g.person_id = identity.actor_id() and g.subject_id = subject
      and g.revoked_at is null and g.until > now()
      and (g.subject_kind = 'item' or exists (
        select 1 from identity.compartment c where c.id = compartment and c.kind = 'ordinary')))));

-- True where a person and the actor share a compartment.
create function identity.shares_compartment(person uuid) returns boolean
language sql stable parallel safe security definer set search_path = ''
return exists (select 1 from identity.membership mine join identity.membership theirs using (compartment_id)
  where mine.person_id = identity.actor_id() and theirs.person_id = person);

-- Whether a person has a one-time code or a passkey; for themselves and for administrators, who see neither.
create function identity.has_second_factor(person uuid) returns boolean
language sql stable parallel safe security definer set search_path = ''
return (person = identity.actor_id() or identity.is_system() or identity.has_role('administrator')) and (
  exists (select 1 from identity.credential c where c.person_id = person and c.totp_confirmed_at is not null)
  or exists (select 1 from identity.passkey k where k.person_id = person));

-- A person's name beside something the actor sees anyway (a grant, an approval).
create function identity.name_of(person uuid) returns json
language sql stable parallel safe security definer set search_path = ''
return (select json_build_object('id', p.id, 'name', p.name, 'kind', p.kind) from identity.person p where p.id = person);

-- Who can sign in and holds one of these roles: for the question whether a second person is there at all.
create function identity.people_with(roles text[]) returns setof uuid
language sql stable parallel safe security definer set search_path = ''
begin atomic
  select distinct p.id from identity.person p join identity.person_role r on r.person_id = p.id
  where p.kind = 'person' and p.state = 'active' and r.role = any (roles);
end;

grant usage on schema identity to amanat_app;
grant select, insert, update on identity.person, identity.credential, identity.session, identity.invitation,
  identity.token, identity.dated_grant, identity.approval, identity.compartment to amanat_app;
grant select, insert, update, delete on identity.person_role, identity.membership, identity.passkey,
  identity.challenge, identity.attempt to amanat_app;

alter table identity.person enable row level security;
create policy read on identity.person for select to amanat_app using (
  id = (select identity.actor_id()) or (select identity.is_system())
  or (select identity.has_role('administrator', 'evidence-officer', 'auditor')) or identity.shares_compartment(id));
create policy add on identity.person for insert to amanat_app with check ((select identity.is_system()));
create policy change on identity.person for update to amanat_app using (
  (select identity.is_system()) or (select identity.has_role('administrator')));

alter table identity.person_role enable row level security;
create policy read on identity.person_role for select to amanat_app using (
  person_id = (select identity.actor_id()) or (select identity.is_system())
  or (select identity.has_role('administrator', 'evidence-officer', 'auditor')));
create policy change on identity.person_role for all to amanat_app using (
  (select identity.is_system()) or (select identity.has_role('administrator')));

alter table identity.compartment enable row level security;
create policy read on identity.compartment for select to amanat_app using (
  (select identity.is_system()) or (select identity.has_role('administrator', 'evidence-officer', 'auditor'))
  or id = any ((select identity.visible_compartments())::uuid[]));
create policy change on identity.compartment for all to amanat_app using (
  (select identity.is_system()) or (select identity.has_role('administrator', 'evidence-officer')));

alter table identity.membership enable row level security;
create policy read on identity.membership for select to amanat_app using (
  (select identity.is_system()) or (select identity.has_role('administrator', 'evidence-officer', 'auditor'))
  or compartment_id = any ((select identity.visible_compartments())::uuid[]));
create policy change on identity.membership for all to amanat_app using (
  (select identity.is_system()) or (select identity.has_role('administrator', 'evidence-officer')));

alter table identity.dated_grant enable row level security;
create policy read on identity.dated_grant for select to amanat_app using (
  person_id = (select identity.actor_id()) or (select identity.is_system())
  or (select identity.has_role('evidence-officer', 'auditor')));
create policy change on identity.dated_grant for all to amanat_app using (
  (select identity.is_system()) or (select identity.has_role('evidence-officer')));

alter table identity.credential enable row level security;
create policy own on identity.credential for all to amanat_app using (
  person_id = (select identity.actor_id()) or (select identity.is_system()));

alter table identity.passkey enable row level security;
create policy own on identity.passkey for all to amanat_app using (
  person_id = (select identity.actor_id()) or (select identity.is_system()));

alter table identity.session enable row level security;
create policy read on identity.session for select to amanat_app using (
  person_id = (select identity.actor_id()) or (select identity.is_system())
  or (select identity.has_role('administrator')));
create policy add on identity.session for insert to amanat_app with check ((select identity.is_system()));
create policy change on identity.session for update to amanat_app using (
  person_id = (select identity.actor_id()) or (select identity.is_system())
  or (select identity.has_role('administrator')));

alter table identity.invitation enable row level security;
create policy manage on identity.invitation for all to amanat_app using (
  (select identity.is_system()) or (select identity.has_role('administrator')));

alter table identity.token enable row level security;
create policy own on identity.token for all to amanat_app using (
  person_id = (select identity.actor_id()) or (select identity.is_system())
  or (select identity.has_role('administrator')))
  with check (person_id = (select identity.actor_id()) or (select identity.is_system())
  or ((select identity.has_role('administrator')) and revoked_at is not null));

alter table identity.challenge enable row level security;
create policy system on identity.challenge for all to amanat_app using ((select identity.is_system()));

alter table identity.attempt enable row level security;
create policy system on identity.attempt for all to amanat_app using ((select identity.is_system()));

alter table identity.approval enable row level security;
create policy read on identity.approval for select to amanat_app using (
  proposed_by = (select identity.actor_id()) or (select identity.is_system())
  or (select identity.has_role('administrator', 'evidence-officer', 'legal-officer', 'auditor')));
create policy propose on identity.approval for insert to amanat_app with check (
  proposed_by = (select identity.actor_id()) and state = 'proposed');
create policy decide on identity.approval for update to amanat_app using (
  proposed_by = (select identity.actor_id()) or (select identity.is_system())
  or (select identity.has_role('administrator', 'evidence-officer', 'legal-officer')));
