//! What the program takes for each request, beside a floor: the least that an honest server must do. Both in one run,
//! in turns, each a process of its own, on SQLite: `make bench`.
//!
//! The floor authenticates nobody, checks nothing and keeps no history. It commits to the disk as we do, many writes
//! at once, before it answers.
#![expect(clippy::unwrap_used, reason = "a measurement that can't go on should stop there")]

mod floor;
mod load;
mod prepare;

use clap::{Parser, Subcommand};
use load::{Figures, Load, Server};
use prepare::Prepared;
use std::path::PathBuf;
use std::time::Duration;

/// Prints what each request takes, for the program and for the floor.
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
    }
}

/// Each request once, for both.
async fn round(arguments: &Arguments, prepared: &Prepared, clients: usize) -> Vec<Vec<Figures>> {
    let scratch = tempfile::tempdir_in(".").unwrap();
    let (ours, theirs) = (scratch.path().join("ours"), scratch.path().join("floor"));
    prepared.copy(&ours, &theirs);
    let servers = [
        Server::start(&arguments.program, &["serve"], &ours).await,
        Server::start(&std::env::current_exe().unwrap(), &["floor", theirs.to_str().unwrap()], &theirs).await,
    ];
    let mut figures = Vec::new();
    for name in REQUESTS {
        let mut pair = Vec::new();
        for (at, server) in servers.iter().enumerate() {
            let requests = if at == 0 { prepared.ours(name) } else { prepared.floors(name) };
            let load = Load { requests, clients, limit: Duration::from_secs_f64(arguments.seconds) };
            pair.push(load.run(server).await);
        }
        figures.push(pair);
    }
    figures
}

fn print(clients: usize, rounds: &[Vec<Vec<Figures>>]) {
    println!("\n| {clients} at once | CPU µs | floor | times | requests/s | floor | p50 ms | p99 ms | MiB |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (at, name) in REQUESTS.iter().enumerate() {
        let of = |side: usize, figure: fn(&Figures) -> f64| {
            let mut all: Vec<f64> = rounds.iter().map(|round| figure(&round[at][side])).collect();
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        };
        let (cpu, floor) = (of(0, |figures| figures.cpu), of(1, |figures| figures.cpu));
        println!(
            "| {name} | {cpu:.0} | {floor:.0} | {:.1} | {:.0} | {:.0} | {:.1} | {:.1} | {:.0} |",
            cpu / floor,
            of(0, |figures| figures.per_second),
            of(1, |figures| figures.per_second),
            of(0, |figures| figures.p50),
            of(0, |figures| figures.p99),
            of(0, |figures| figures.memory),
        );
    }
}
