-- Each process writes its row to find out whether the database can be written.
create table probes (
    id blob primary key,
    at text not null
) strict;
