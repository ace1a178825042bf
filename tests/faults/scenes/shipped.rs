//! A tool beside the program ships SQLite's log as it grows, as Litestream does: what it has is the database of a
//! moment.

use super::backup::{found, ids};
use crate::driver::{Figures, Installation, Load, rounds};
use sqlx::{Connection, SqliteConnection};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Between two looks at the log.
const EVERY: Duration = Duration::from_millis(100);

/// What has been shipped so far. While it reads, the log is not begun anew, so that what was added can be told.
struct Shipper {
    log: PathBuf,
    shipped_log: PathBuf,
    shipped: u64,
    _reader: SqliteConnection,
}

impl Shipper {
    async fn begin(from: &Path, to: &Path) -> Self {
        let mut reader = SqliteConnection::connect(&format!("sqlite:{}", from.display())).await.unwrap();
        sqlx::raw_sql("begin; select count(*) from sqlite_master").execute(&mut reader).await.unwrap();
        fs::copy(from, to).unwrap();
        let beside = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
        Self { log: beside(from), shipped_log: beside(to), shipped: 0, _reader: reader }
    }

    /// Wherever the log ends at this moment, in the midst of a page or not.
    fn ship(&mut self) {
        let mut log = File::open(&self.log).unwrap();
        log.seek(SeekFrom::Start(self.shipped)).unwrap();
        let mut added = Vec::new();
        log.read_to_end(&mut added).unwrap();
        let mut shipped = OpenOptions::new().create(true).append(true).open(&self.shipped_log).unwrap();
        shipped.write_all(&added).unwrap();
        self.shipped += added.len() as u64;
    }
}

/// X34: all that was acknowledged before the last look at the log is there, and it is sound. What comes after is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_shipped_log_has_all_that_was_acknowledged_before_it_was_shipped() {
    let mut figures = Figures::new("shipped logs, and the machine is gone (X34)", "SQLite");
    for _ in 0..rounds(3, 20) {
        let (installation, elsewhere) = (Installation::on_sqlite(), Installation::on_sqlite());
        let organization = installation.organization("acme").await;
        let (mut program, address, _) = installation.start_ready().await;
        let api = organization.api(&address);
        let [from, to] = [&installation, &elsewhere].map(|place| place.folder().join("vestibule.db"));
        let mut shipper = Shipper::begin(&from, &to).await;
        let load = Load::start(&api, 8);
        for _ in 0..15 {
            tokio::time::sleep(EVERY).await;
            shipper.ship();
        }
        let before = load.stop().await;
        shipper.ship();
        let load = Load::start(&api, 8);
        tokio::time::sleep(EVERY * 3).await;
        program.kill().await;
        let after = load.stop().await;
        before.iter().chain(&after).for_each(|told| figures.count(told));
        elsewhere.has_key_of(&installation);
        drop((shipper, installation));
        let kept = found(&elsewhere, &organization).await;
        figures.lost += ids(&before).difference(&kept).count();
        elsewhere.check().await;
        figures.rounds += 1;
    }
    figures.check();
}
