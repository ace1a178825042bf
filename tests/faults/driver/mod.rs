//! What scenes are written with: an installation of the real program, a database server of one's own, clients, a
//! ledger, and the figures that come of it.

mod api;
mod disk;
mod figures;
mod installation;
mod invariants;
mod ledger;
mod load;
mod postgres;
mod process;
mod proxy;

pub use api::{Api, Told, send};
pub use disk::Disk;
pub use figures::{Figures, rounds, span};
pub use installation::{Installation, Organization, readiness};
pub use invariants::IMPOSSIBLE;
pub use ledger::Ledger;
pub use load::{Load, invite};
pub use postgres::PostgresServer;
pub use process::{Process, signal};
pub use proxy::{Proxy, free_port};

use rand::{SeedableRng, rngs::StdRng};

/// Randomness that a failing run can be repeated with: `FAULT_SEED` takes what the run has printed.
pub fn randomness() -> StdRng {
    let given = std::env::var("FAULT_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = given.unwrap_or_else(rand::random);
    eprintln!("FAULT_SEED={seed}");
    StdRng::seed_from_u64(seed)
}
