//! One file for each kind of fault.

mod deadlocks;
mod kill;
mod liveness;
mod mail;
mod memory;
mod storage;
