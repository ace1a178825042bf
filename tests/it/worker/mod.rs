//! Background work.

mod remind;
mod restart;
mod send_mail;
mod two_instances;
