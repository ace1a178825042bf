//! One file for each kind of fault.

mod available;
mod backup;
mod deadlocks;
mod kill;
mod liveness;
mod mail;
mod memory;
mod operator;
mod storage;
