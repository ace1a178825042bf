//! What the program takes for each request, beside a floor, the least that an honest server must do, and beside Better
//! Auth where it is installed. All in one run, in turns, each a process of its own, on SQLite: `make bench`.
//!
//! The floor authenticates nobody, checks nothing and keeps no history. It commits to the disk as we do, many writes
//! at once, before it answers. Better Auth does not wait for the disk.
#![expect(clippy::unwrap_used, reason = "a measurement that can't go on should stop there")]

mod better_auth;
mod floor;
mod load;
mod prepare;

use clap::{Parser, Subcommand};
use load::{Figures, Load, Server};
use prepare::Prepared;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Prints what each request takes, for the program and for those beside it.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    /// The invitations that are there before.
    #[arg(long, default_value_t = 10_000)]
    rows: usize,
    /// How many clients ask at the same time.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    clients: Vec<usize>,
    /// How long each is measured, in seconds.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// How many times everything is measured; the median is printed.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The program, as it was built.
    #[arg(long, default_value = "target/release/vestibule")]
    program: PathBuf,
}

#[derive(Subcommand)]
enum Role {
    /// Serves the floor from a folder. The bench starts this itself.
    #[command(hide = true)]
    Floor { folder: PathBuf },
}

/// What is measured.
const REQUESTS: [&str; 8] = ["health", "get", "list 50", "list 100", "page of 50", "create", "accept", "revoke"];

fn main() {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match arguments.role {
        Some(Role::Floor { folder }) => runtime.block_on(floor::serve(folder)),
        None => runtime.block_on(measure(&arguments)),
    }
}

async fn measure(arguments: &Arguments) {
    let folder = tempfile::tempdir_in(".").unwrap();
    let prepared = prepare::fill(folder.path(), arguments.rows, arguments.seconds).await;
    println!("{} invitations; the median of {} rounds of {} s", arguments.rows, arguments.rounds, arguments.seconds);
    for clients in &arguments.clients {
        let mut rounds = Vec::new();
        for _ in 0..arguments.rounds {
            rounds.push(round(arguments, &prepared, *clients).await);
        }
        print(*clients, &rounds);
        if prepared.sides().contains(&Side::BetterAuth) {
            print_beside_peer(*clients, &rounds);
        }
    }
}

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Ours,
    Floor,
    BetterAuth,
}

impl Side {
    /// Returns the name of the folder with its database.
    fn folder(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Floor => "floor",
            Self::BetterAuth => "better-auth",
        }
    }

    async fn start(self, arguments: &Arguments, folder: &Path) -> Server {
        let path = folder.to_str().unwrap();
        match self {
            Self::Ours => Server::start(&arguments.program, &["serve"], folder).await,
            Self::Floor => Server::start(&std::env::current_exe().unwrap(), &["floor", path], folder).await,
            Self::BetterAuth => Server::start(Path::new("node"), &[&better_auth::script(), path], folder).await,
        }
    }
}

/// What one round has found: for each request, and for each side in the order of [`Side`], if it has such requests.
type Round = Vec<Vec<Option<Figures>>>;

/// Each request once, for all sides.
async fn round(arguments: &Arguments, prepared: &Prepared, clients: usize) -> Round {
    let scratch = tempfile::tempdir_in(".").unwrap();
    let mut servers = Vec::new();
    for side in prepared.sides() {
        let folder = scratch.path().join(side.folder());
        prepared.copy(side, &folder);
        servers.push((side, side.start(arguments, &folder).await));
    }
    let mut figures = Vec::new();
    for name in REQUESTS {
        let mut of_sides = Vec::new();
        for (side, server) in &servers {
            let requests = prepared.requests(*side, name);
            let load = Load { requests, clients, limit: Duration::from_secs_f64(arguments.seconds) };
            of_sides.push(if load.requests.is_empty() { None } else { Some(load.run(server).await) });
        }
        figures.push(of_sides);
    }
    figures
}

/// Returns the median of a figure, if this side has such requests.
fn median(rounds: &[Round], request: usize, side: Side, figure: fn(&Figures) -> f64) -> Option<f64> {
    let of = |round: &Round| round[request].get(side as usize)?.as_ref().map(figure);
    let mut all: Vec<f64> = rounds.iter().filter_map(of).collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied()
}

fn print(clients: usize, rounds: &[Round]) {
    println!("\n| {clients} at once | CPU µs | floor | times | requests/s | floor | p50 ms | p99 ms | MiB |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (at, name) in REQUESTS.iter().enumerate() {
        let of = |side, figure| median(rounds, at, side, figure).unwrap();
        let (cpu, floor) = (of(Side::Ours, |figures| figures.cpu), of(Side::Floor, |figures| figures.cpu));
        println!(
            "| {name} | {cpu:.0} | {floor:.0} | {:.1} | {:.0} | {:.0} | {:.1} | {:.1} | {:.0} |",
            cpu / floor,
            of(Side::Ours, |figures| figures.per_second),
            of(Side::Floor, |figures| figures.per_second),
            of(Side::Ours, |figures| figures.p50),
            of(Side::Ours, |figures| figures.p99),
            of(Side::Ours, |figures| figures.memory),
        );
    }
}

fn print_beside_peer(clients: usize, rounds: &[Round]) {
    println!(
        "\n| {clients} at once | requests/s | Better Auth | times | CPU µs | Better Auth | p99 ms | Better Auth | MiB | Better Auth |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (at, name) in REQUESTS.iter().enumerate() {
        if median(rounds, at, Side::BetterAuth, |figures| figures.cpu).is_none() {
            continue;
        }
        let both = |figure| [Side::Ours, Side::BetterAuth].map(|side| median(rounds, at, side, figure).unwrap());
        let [ours, theirs] = both(|figures| figures.per_second);
        let (cpu, p99) = (both(|figures| figures.cpu), both(|figures| figures.p99));
        let memory = both(|figures| figures.memory);
        println!(
            "| {name} | {ours:.0} | {theirs:.0} | {:.1} | {:.0} | {:.0} | {:.1} | {:.1} | {:.0} | {:.0} |",
            ours / theirs,
            cpu[0],
            cpu[1],
            p99[0],
            p99[1],
            memory[0],
            memory[1]
        );
    }
}
