//! A connection, and how its statements run.

use super::{
    Direct, DirectArguments, DirectOptions, DirectRow, Kind, error,
    pace::{Leave, Pace, blocking, is_interrupted},
    row::{DirectColumn, Found},
};
use futures::{
    FutureExt, StreamExt,
    future::{self, BoxFuture},
    stream::{self, BoxStream},
};
use rusqlite::{CachedStatement, Connection as File, Statement as Prepared, types::Value};
use sqlx::{Describe, Either, Error, Execute, Executor, SqlStr, Statement, Transaction};
use sqlx_core::{connection::LogSettings, logger::QueryLogger, transaction::TransactionManager};
use std::{cell::Cell, collections::HashMap, fmt, sync::Arc, time::Duration};

/// The most lists of columns that a connection keeps. A statement that is put together from a filter has its own.
const KNOWN: usize = 512;

thread_local! {
    static PAGES_IN_LOG: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Returns how many pages were in the log after the last commit in this thread by a connection that keeps its log, once
/// for each commit.
pub fn pages_in_log() -> Option<u32> {
    PAGES_IN_LOG.take()
}

/// A connection to a SQLite file, whose statements run in the thread that polls them.
pub struct DirectConnection {
    file: File,
    /// The columns of each statement that has run.
    columns: Columns,
    pace: Pace,
}

type Columns = HashMap<Box<str>, Arc<[DirectColumn]>>;

/// How many rows a statement has changed.
#[derive(Debug, Default)]
pub struct DirectResult {
    changed: u64,
}

impl DirectResult {
    /// Returns how many rows were added, changed or deleted.
    pub fn rows_affected(&self) -> u64 {
        self.changed
    }
}

impl Extend<Self> for DirectResult {
    fn extend<T: IntoIterator<Item = Self>>(&mut self, results: T) {
        self.changed += results.into_iter().map(|result| result.changed).sum::<u64>();
    }
}

/// Which rows of a statement are wanted.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    None,
    First,
    All,
}

/// What is to be run: a statement, its parameters, and whether it is worth keeping prepared.
struct Question {
    sql: SqlStr,
    arguments: Vec<Value>,
    is_usual: bool,
}

impl Question {
    fn of<'q>(mut query: impl Execute<'q, Direct>) -> Result<Self, Error> {
        let arguments = query.take_arguments().map_err(Error::Encode)?;
        let is_usual = query.persistent();
        Ok(Self { sql: query.sql(), arguments: arguments.unwrap_or_default().0, is_usual })
    }

    /// A statement that deletes goes through many rows, and through those that hang on them.
    fn may_change_much(&self) -> bool {
        self.sql.as_str().starts_with("delete")
    }
}

/// What a statement has changed, and what it has returned.
type Answer = (DirectResult, Vec<DirectRow>);

impl DirectConnection {
    pub(super) fn new(file: File) -> rusqlite::Result<Self> {
        let pace = Pace::of(&file)?;
        Ok(Self { file, columns: HashMap::new(), pace })
    }

    /// Notes that somebody has just been given the connection, and for how long their quick statements run in the
    /// thread that polls them.
    pub fn taken(&mut self, time: Duration) {
        self.pace.begin(time);
    }

    /// Runs a statement without parameters that is sent often, like a commit.
    pub fn run(&mut self, sql: &'static str) -> Result<(), Error> {
        self.file.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(drop).map_err(error::of)
    }

    /// Makes commits leave in the log what is there, until somebody asks for a [checkpoint](Self::checkpoint).
    pub fn keep_log(&mut self) {
        self.file.wal_hook(Some(|_, pages| {
            PAGES_IN_LOG.set(u32::try_from(pages).ok());
            Ok(())
        }));
    }

    /// Copies what is in the log into the file, as far as nobody reads what it would replace. Waits for nobody.
    pub fn checkpoint(&mut self) -> Result<(), Error> {
        self.file.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())).map_err(error::of)
    }

    /// Sets the most time to wait for a lock that another connection has.
    pub fn wait_for_others(&mut self, limit: Duration) -> Result<(), Error> {
        self.file.busy_timeout(limit).map_err(error::of)
    }

    /// Checks whether a transaction is open.
    pub fn is_in_transaction(&self) -> bool {
        !self.file.is_autocommit()
    }

    fn ask<'q>(&mut self, query: impl Execute<'q, Direct>, wanted: Wanted) -> Result<Answer, Error> {
        let question = Question::of(query)?;
        let mut log = QueryLogger::new(question.sql.clone(), LogSettings::default());
        let asked = self.answer_at_pace(&question, wanted).map_err(error::of);
        if let Ok((result, rows)) = &asked {
            log.increase_rows_affected(result.changed);
            rows.iter().for_each(|_| log.increment_rows_returned());
        }
        asked
    }

    /// Runs the statement here if it is quick, and otherwise where it holds up nobody.
    fn answer_at_pace(&mut self, question: &Question, wanted: Wanted) -> rusqlite::Result<Answer> {
        if question.may_change_much() {
            return blocking(|| self.answer(question, wanted));
        }
        if self.pace.is_used_up()
            && let Some(_until_it_is_answered) = Leave::take()
        {
            return blocking(|| self.answer(question, wanted));
        }
        self.pace.watch(true);
        let answered = self.answer(question, wanted);
        self.pace.watch(false);
        match answered {
            // nothing was changed, as only what reads is interrupted
            Err(error) if is_interrupted(&error) => blocking(|| self.answer(question, wanted)),
            answered => answered,
        }
    }

    fn answer(&mut self, question: &Question, wanted: Wanted) -> rusqlite::Result<Answer> {
        let mut statement = Ready::of(&self.file, question)?;
        let statement = statement.itself();
        bind(statement, &question.arguments)?;
        let only_reads = statement.readonly();
        if !only_reads {
            self.pace.watch(false);
        }
        let (mut found, mut rows) = (None, statement.raw_query());
        while let Some(row) = rows.next()? {
            if wanted == Wanted::None {
                continue;
            }
            let nothing_yet = || Found::with(columns_of(&mut self.columns, row.as_ref(), question));
            found.get_or_insert_with(nothing_yet).add(row)?;
            // what changes something is run to its end
            if wanted == Wanted::First && only_reads {
                break;
            }
        }
        drop(rows);
        let changed = if only_reads { 0 } else { self.file.changes() };
        Ok((DirectResult { changed }, found.map(Found::rows).unwrap_or_default()))
    }
}

/// A statement that is ready to run, and stays prepared if it is worth it.
enum Ready<'c> {
    Kept(CachedStatement<'c>),
    Once(Prepared<'c>),
}

impl<'c> Ready<'c> {
    fn of(file: &'c File, question: &Question) -> rusqlite::Result<Self> {
        let sql = question.sql.as_str();
        if question.is_usual { file.prepare_cached(sql).map(Self::Kept) } else { file.prepare(sql).map(Self::Once) }
    }

    fn itself(&mut self) -> &mut Prepared<'c> {
        match self {
            Self::Kept(statement) => statement,
            Self::Once(statement) => statement,
        }
    }
}

/// Binds each parameter by its number: SQLite takes `$2` for a name.
fn bind(statement: &mut Prepared<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for at in 1..=statement.parameter_count() {
        let number = statement.parameter_name(at).and_then(|name| name.get(1..)).and_then(|number| number.parse().ok());
        let value = number.and_then(|number: usize| values.get(number.wrapping_sub(1)));
        let value = value.ok_or(rusqlite::Error::InvalidParameterCount(values.len(), at))?;
        statement.raw_bind_parameter(at, value)?;
    }
    Ok(())
}

/// Returns the columns of a statement that has begun: until then it may be one that was prepared for other tables.
fn columns_of(known: &mut Columns, statement: &Prepared<'_>, question: &Question) -> Arc<[DirectColumn]> {
    let sql = question.sql.as_str();
    if let Some(columns) = known.get(sql).filter(|columns| columns.len() == statement.column_count()) {
        return Arc::clone(columns);
    }
    let names = statement.column_names().into_iter().enumerate();
    let columns: Arc<[DirectColumn]> =
        names.map(|(ordinal, name)| DirectColumn { ordinal, name: name.into() }).collect();
    if question.is_usual {
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(sql.into(), Arc::clone(&columns));
    }
    columns
}

impl fmt::Debug for DirectConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectConnection").finish_non_exhaustive()
    }
}

impl<'c> Executor<'c> for &'c mut DirectConnection {
    type Database = Direct;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<DirectResult, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Direct>,
    {
        async move { self.ask(query, Wanted::None).map(|(result, _)| result) }.boxed()
    }

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<DirectResult, DirectRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Direct>,
    {
        let asked = async move { self.ask(query, Wanted::All) };
        let each = asked.map(|asked| match asked {
            Ok((result, rows)) => {
                let rows = rows.into_iter().map(|row| Ok(Either::Right(row)));
                stream::iter(rows.chain([Ok(Either::Left(result))]).collect::<Vec<_>>())
            }
            Err(error) => stream::iter(vec![Err(error)]),
        });
        each.flatten_stream().boxed()
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<DirectRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Direct>,
    {
        async move { self.ask(query, Wanted::All).map(|(_, rows)| rows) }.boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<DirectRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Direct>,
    {
        async move { self.ask(query, Wanted::First).map(|(_, rows)| rows.into_iter().next()) }.boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, _: &'e [Kind]) -> BoxFuture<'e, Result<DirectStatement, Error>>
    where
        'c: 'e,
    {
        future::ready(Ok(DirectStatement(sql))).boxed()
    }

    /// Is for macros that ask a database while a program is compiled.
    fn describe<'e>(self, _: SqlStr) -> BoxFuture<'e, Result<Describe<Direct>, Error>>
    where
        'c: 'e,
    {
        future::ready(Err(Error::Protocol("statements are not described".to_owned()))).boxed()
    }
}

impl sqlx::Connection for DirectConnection {
    type Database = Direct;
    type Options = DirectOptions;

    async fn close(self) -> Result<(), Error> {
        self.file.close().map_err(|(_, failed)| error::of(failed))
    }

    async fn close_hard(self) -> Result<(), Error> {
        drop(self);
        Ok(())
    }

    async fn ping(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn begin(&mut self) -> impl Future<Output = Result<Transaction<'_, Direct>, Error>> + Send + '_ {
        Transaction::begin(self, None)
    }

    fn shrink_buffers(&mut self) {}

    async fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn should_flush(&self) -> bool {
        false
    }
}

/// The transactions of sqlx, none inside another. The store has its own.
pub struct Transactions;

impl TransactionManager for Transactions {
    type Database = Direct;

    async fn begin(connection: &mut DirectConnection, _: Option<SqlStr>) -> Result<(), Error> {
        connection.run("begin")
    }

    async fn commit(connection: &mut DirectConnection) -> Result<(), Error> {
        connection.run("commit")
    }

    async fn rollback(connection: &mut DirectConnection) -> Result<(), Error> {
        connection.run("rollback")
    }

    fn start_rollback(connection: &mut DirectConnection) {
        _ = connection.run("rollback");
    }

    fn get_transaction_depth(connection: &DirectConnection) -> usize {
        usize::from(connection.is_in_transaction())
    }
}

/// The text of a statement. It is prepared when it first runs.
#[derive(Clone, Debug)]
pub struct DirectStatement(SqlStr);

impl Statement for DirectStatement {
    type Database = Direct;

    fn into_sql(self) -> SqlStr {
        self.0
    }

    fn sql(&self) -> &SqlStr {
        &self.0
    }

    fn parameters(&self) -> Option<Either<&[Kind], usize>> {
        None
    }

    fn columns(&self) -> &[DirectColumn] {
        &[]
    }

    sqlx_core::impl_statement_query!(DirectArguments);
}
