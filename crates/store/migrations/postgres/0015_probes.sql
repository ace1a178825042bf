-- Each process writes its row to find out whether the database can be written.
create table probes (
    id uuid primary key,
    at timestamptz not null,
    -- none, or as much as shows that the disk has room
    padding bytea not null
);
