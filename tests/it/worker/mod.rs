//! Background work.

mod restart;
mod send_mail;
mod two_instances;
