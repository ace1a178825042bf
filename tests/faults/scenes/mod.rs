//! One file for each kind of fault.

mod available;
mod backup;
mod deadlocks;
mod kill;
mod kill_answers;
mod liveness;
mod mail;
mod memory;
mod nth;
mod operator;
mod person;
mod races;
mod shipped;
mod starting;
mod storage;
