-- clients of App Store Connect sign their requests: the name by which a request calls its key, and the key's public half
alter table api_keys add column kid text;
alter table api_keys add column public_key bytea;
create unique index api_keys_by_kid on api_keys (kid) where kid is not null;
