//! Background work.

mod send_mail;
mod two_instances;
