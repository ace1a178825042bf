-- What the search looks at is folded, see decision 0041. Texts that are not do not begin with a space, and the program folds
-- them when it opens the database: no database knows the small letters of all alphabets.
drop index users_to_fold;
alter table users rename column name_lower to search;
update users set search = email || ' ' || name;
alter table users alter column search set not null;
create index users_to_fold on users (id) where search <> '' and substr(search, 1, 1) <> ' ';
create index invitations_to_fold on invitations (id) where search <> '' and substr(search, 1, 1) <> ' ';
create index events_to_fold on events (id) where search <> '' and substr(search, 1, 1) <> ' ';

-- What is searched has an index of the three letters from every place of a text. Where the extension for it can't be had, three
-- letters are a word of PostgreSQL's own full text search.
do $$
declare
    place text;
begin
    if not exists (select 1 from pg_extension where extname = 'pg_trgm') then
        -- whoever may not make it in the schema that all have, may in their own
        begin
            create extension pg_trgm with schema public;
        exception when others then
            begin
                create extension pg_trgm;
            exception when others then
                raise notice 'pg_trgm: %', sqlerrm;
            end;
        end;
    end if;
    select quote_ident(n.nspname) into place
        from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm';
    if place is not null then
        execute format('create index invitations_by_words on invitations using gin (search %s.gin_trgm_ops)', place);
        execute format('create index users_by_words on users using gin (search %s.gin_trgm_ops)', place);
        execute format('create index mails_by_words on mails using gin (lower(recipient) %s.gin_trgm_ops)', place);
    else
        create function threes_of(text) returns tsvector language sql immutable strict parallel safe as
            'select array_to_tsvector(array(select distinct substr($1, n, 3) from generate_series(1, length($1) - 2) n))';
        create index invitations_by_words on invitations using gin (threes_of(replace(search, ' ', '  ')));
        create index users_by_words on users using gin (threes_of(replace(search, ' ', '  ')));
        create index mails_by_words on mails using gin (threes_of(lower(recipient)));
    end if;
end
$$;
