//! What a scene has counted, as a row of one table.

use super::Told;
use std::{
    fs::OpenOptions,
    io::Write,
    time::{Duration, Instant},
};

/// So many rounds: few in the short form, many in the long one.
pub fn rounds(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}

/// So long: a while in the short form, longer in the long one.
pub fn span(short: Duration, long: Duration) -> Duration {
    if is_long() { long } else { short }
}

fn is_long() -> bool {
    std::env::var_os("FAULTS").is_some_and(|form| form == "long")
}

/// One scene on one database.
#[derive(Debug)]
pub struct Figures {
    scene: String,
    database: String,
    pub rounds: usize,
    pub acknowledged: usize,
    pub lost: usize,
    pub doubled: usize,
    /// Answers of 500 and above, but for 503 with `Retry-After`.
    pub failed: usize,
    /// 503 with `Retry-After`.
    pub put_off: usize,
    pub longest: Duration,
    begun: Instant,
}

impl Figures {
    pub fn new(scene: &str, database: &str) -> Self {
        let (scene, database) = (scene.to_owned(), database.to_owned());
        let (longest, begun) = (Duration::ZERO, Instant::now());
        Self { scene, database, rounds: 0, acknowledged: 0, lost: 0, doubled: 0, failed: 0, put_off: 0, longest, begun }
    }

    /// Counts an answer, or that there was none.
    pub fn count(&mut self, told: &Told) {
        self.longest = self.longest.max(told.took);
        match told.status {
            Some(200..=299) => self.acknowledged += 1,
            Some(503) if told.retry_after => self.put_off += 1,
            Some(500..) => {
                eprintln!("{}: {:?} {}", self.scene, told.status, told.text);
                self.failed += 1;
            }
            _ => {}
        }
    }

    /// Nothing that was acknowledged is lost or done twice, and nothing failed that should have been put off.
    pub fn check(self) {
        self.tell();
        assert_eq!((self.lost, self.doubled, self.failed), (0, 0, 0), "{self:?}");
    }

    fn tell(&self) {
        let Self { scene, database, rounds, acknowledged, lost, doubled, failed, put_off, longest, begun } = self;
        let (longest, took) = (longest.as_secs_f64(), begun.elapsed().as_secs_f64());
        let row = format!(
            "| {scene} | {database} | {rounds} | {acknowledged} | {lost} | {doubled} | {failed} | {put_off} | {longest:.2} | {took:.0} |"
        );
        println!("{row}");
        if let Some(path) = std::env::var_os("FAULT_TABLE") {
            let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
            writeln!(file, "{row}").unwrap();
        }
    }
}
