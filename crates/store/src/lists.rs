//! Lists: statements that are put together from what is asked for. A condition that nobody asks for is not in the
//! text, because with `$1 is null or` the database plans for every value at once and uses no index for it. What
//! becomes text is ours; whatever comes from outside is a value.
//!
//! A list has arms, mostly one. Each reads an index in the order of the list, from the cursor on, and ends after a
//! page, so that a page takes as long anywhere in the list. Where a row may match in one of several ways, each way is
//! an arm.

use super::{
    Error, Snapshot, containing, corrupt,
    values::{Value, Values},
};
use std::str::FromStr;
use vestibule_domain::{CursorPageRequest, Direction};

/// A way to find rows of a list. Each row is found by one of them, or by several.
#[derive(Clone)]
pub(super) struct Arm {
    /// The tables.
    from: String,
    /// The column that the rows are in order of.
    key: &'static str,
    /// A column of another table that is equal to it.
    twin: Option<&'static str>,
    conditions: Vec<String>,
}

impl Arm {
    pub fn of(from: impl Into<String>, key: &'static str) -> Self {
        Self { from: from.into(), key, twin: None, conditions: Vec::new() }
    }

    /// Joins a table by a column that is equal to the key. PostgreSQL would read that table from its beginning if the
    /// place to go on from was not said of both.
    pub fn twin(self, twin: &'static str) -> Self {
        let key = self.key;
        Self { twin: Some(twin), ..self }.and(format!("{twin} = {key}"))
    }

    /// Adds a condition.
    pub fn and(mut self, condition: impl Into<String>) -> Self {
        self.conditions.push(condition.into());
        self
    }
}

/// The rows of a table that meet all conditions.
pub(super) struct List {
    pub values: Values,
    /// The table with its name in the conditions, like `mails m`.
    table: &'static str,
    /// The column that the rows are in order of, and by which an arm's rows are found again.
    key: &'static str,
    arms: Vec<Arm>,
    conditions: Vec<String>,
    /// The condition under which the key is unique, if it is not so by itself.
    within: Option<String>,
    /// Whether the rows are in order of their numbers, and not of their ids, which cursors name.
    is_of_rows: bool,
    /// Whether the text is one of few, so that it is worth keeping its plan.
    pub is_usual: bool,
}

/// The part of a list that is read.
pub(super) struct Part {
    order: &'static str,
    /// Where it begins: the side and the place of the value.
    after: Option<(&'static str, String)>,
    limit: String,
    /// The places of the offset, and of the limit for each arm.
    offset: Option<(String, String)>,
}

impl List {
    /// Returns the list of a table's rows in order of this column.
    pub fn of(table: &'static str, key: &'static str) -> Self {
        let (values, arms) = (Values::default(), vec![Arm::of(table, key)]);
        Self { values, table, key, arms, conditions: Vec::new(), within: None, is_of_rows: false, is_usual: true }
    }

    /// Adds a value. Returns its place.
    pub fn add(&mut self, value: Value) -> String {
        self.values.add(value)
    }

    /// Adds a condition.
    pub fn and(&mut self, condition: impl Into<String>) {
        self.conditions.push(condition.into());
    }

    /// Adds the condition that the column, with the operator, fits the value.
    pub fn and_value(&mut self, column: &str, value: Value) {
        let place = self.add(value);
        self.and(format!("{column} {place}"));
    }

    /// Adds the condition that this text contains the other one, in any case.
    pub fn and_contains(&mut self, text: &str, part: &str) {
        let part = self.add(Value::Text(containing(part)));
        self.and(format!("{text} like {part} escape '\\'"));
    }

    /// Finds the rows in these ways.
    pub fn by(&mut self, arms: Vec<Arm>) {
        self.arms = arms;
    }

    /// Puts the rows in order of their numbers, which are in this column. That is the order of their creation, like the
    /// order of their ids.
    pub fn in_order_of_rows(&mut self, column: &'static str) {
        self.key = column;
        self.is_of_rows = true;
    }

    /// Says under which condition the key is unique. The arms need not meet it.
    pub fn within(&mut self, condition: String) {
        self.within = Some(condition);
    }

    /// Returns the part that a page shows, and one row more.
    pub fn page(&mut self, page: CursorPageRequest) -> Part {
        let after = page.cursor.map(|cursor| Value::Id(cursor.row));
        self.part(page.direction(), after, i64::from(page.limit) + 1)
    }

    /// Returns the first rows after this one, in this direction.
    pub fn part(&mut self, direction: Direction, after: Option<Value>, limit: i64) -> Part {
        let (side, order) = match direction {
            Direction::Older => ("<", "desc"),
            Direction::Newer => (">", "asc"),
        };
        let after = after.map(|after| (side, self.add(after)));
        let after = after.map(|(side, id)| (side, if self.is_of_rows { self.number_of(direction, &id) } else { id }));
        Part { order, after, limit: self.add(Value::Number(limit)), offset: None }
    }

    /// Returns the number of the row with this id or, if there is none any more, of the one on the nearer side.
    fn number_of(&self, direction: Direction, id: &str) -> String {
        let table = self.table.split(' ').next().unwrap_or(self.table);
        match direction {
            Direction::Older => {
                format!("coalesce((select _row from {table} where id >= {id} order by id limit 1), {})", i64::MAX)
            }
            Direction::Newer => {
                format!("coalesce((select _row from {table} where id <= {id} order by id desc limit 1), 0)")
            }
        }
    }

    /// Returns the rows after the first `offset`, in this direction.
    pub fn offset(&mut self, direction: Direction, offset: u32, limit: u32) -> Part {
        let part = self.part(direction, None, i64::from(limit));
        let all = match self.arms.len() {
            1 => part.limit.clone(),
            _ => self.add(Value::Number(i64::from(offset) + i64::from(limit))),
        };
        Part { offset: Some((self.add(Value::Number(i64::from(offset))), all)), ..part }
    }

    /// Returns the statement for these columns of the part. `joins` add the tables of the columns that are elsewhere.
    pub fn select(&self, columns: &str, joins: &str, part: &Part) -> String {
        let offset = part.offset.as_ref().map_or(String::new(), |(offset, _)| format!(" offset {offset}"));
        let (order, limit, key) = (part.order, &part.limit, self.key);
        // the columns of the rows before an offset would be read for nothing
        if let ([arm], None) = (&self.arms[..], &part.offset) {
            return format!("{} limit {limit}", self.arm(arm, columns, joins, part));
        }
        let found = match (&self.arms[..], &part.offset) {
            ([arm], _) => {
                let rows = self.arm(arm, &format!("{} as place", arm.key), "", part);
                format!("{rows} limit {limit}{offset}")
            }
            (arms, of_all) => {
                // each arm may have all rows up to the end of the part
                let all = of_all.as_ref().map_or(limit, |(_, all)| all);
                let arms = arms.iter().enumerate().map(|(number, arm)| {
                    let rows = self.arm(arm, &format!("{} as place", arm.key), "", part);
                    format!("select place from ({rows} limit {all}) arm{number}")
                });
                let arms = arms.collect::<Vec<_>>().join(" union ");
                format!("{arms} order by place {order} limit {limit}{offset}")
            }
        };
        let within = self.within.as_ref().map_or(String::new(), |within| format!(" and {within}"));
        // SQLite keeps the order of a cross join: without it, it would read the whole table and look for each row here
        format!(
            "select {columns} from ({found}) found cross join {}{joins}
            where {key} = found.place{within} order by {key} {order}",
            self.table
        )
    }

    /// Returns the statement for these columns of the rows that one arm finds, in order.
    fn arm(&self, arm: &Arm, columns: &str, joins: &str, part: &Part) -> String {
        let keys = std::iter::once(arm.key).chain(arm.twin);
        let after = part.after.as_ref().map(|(side, place)| keys.map(move |key| format!("{key} {side} {place}")));
        let after: Vec<String> = after.into_iter().flatten().collect();
        let conditions: Vec<&str> =
            arm.conditions.iter().chain(&self.conditions).chain(&after).map(String::as_str).collect();
        format!(
            "select {columns} from {}{joins} where {} order by {} {}",
            arm.from,
            conditions.join(" and "),
            arm.key,
            part.order
        )
    }

    /// Returns the end of a statement that reads at most so many rows.
    pub fn limit(&mut self, most: Option<u32>) -> String {
        most.map_or(String::new(), |most| format!(" limit {}", self.add(Value::Number(most.into()))))
    }

    /// Returns the statement for these columns of all rows, in no order. No row may be found by two arms.
    pub fn select_all(&self, columns: &str) -> String {
        let arms = self.arms.iter().map(|arm| {
            let conditions: Vec<&str> = arm.conditions.iter().chain(&self.conditions).map(String::as_str).collect();
            format!("select {columns} from {} where {}", arm.from, conditions.join(" and "))
        });
        arms.collect::<Vec<_>>().join(" union all ")
    }
}

/// Returns the counts for rows with a state, which is stored in this column, and a number.
pub(super) fn by_state<S: FromStr>(rows: Vec<(String, i64)>, column: &str) -> Result<Vec<(S, u64)>, Error> {
    let read = |(state, count): (String, i64)| Ok((state.parse().map_err(|_| corrupt(column))?, count.unsigned_abs()));
    rows.into_iter().map(read).collect()
}

impl Snapshot {
    /// Returns the words that make SQLite use this index, which has no statistics to choose by. PostgreSQL has them.
    pub(super) fn by_index(&self, index: &str) -> String {
        match self {
            Self::Sqlite(_) => format!(" indexed by {index}"),
            Self::Postgres(_) => String::new(),
        }
    }
}
