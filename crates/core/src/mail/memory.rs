//! A transport for tests: it keeps mails in memory and fails on demand.

use super::MailMessage;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use vestibule_domain::SendOutcome;

/// A mailbox in memory. Clones share its content.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    answers: VecDeque<SendOutcome>,
    tried: Vec<MailMessage>,
    sent: Vec<MailMessage>,
}

impl Memory {
    /// Returns the sent messages, in order.
    pub fn messages(&self) -> Vec<MailMessage> {
        self.kept().sent.clone()
    }

    /// Returns the attempted messages, sent or not, in order.
    pub fn tries(&self) -> Vec<MailMessage> {
        self.kept().tried.clone()
    }

    /// Answers the next attempts with these. All others succeed.
    pub fn answer_with(&self, answers: Vec<SendOutcome>) {
        self.kept().answers.extend(answers);
    }

    pub(super) fn send(&self, message: &MailMessage) -> SendOutcome {
        if let Err(refused) = message.raw() {
            return refused.into();
        }
        let mut kept = self.kept();
        let answer = kept.answers.pop_front().unwrap_or_else(|| SendOutcome::Sent { response: "250 Kept.".to_owned() });
        kept.tried.push(message.clone());
        if matches!(answer, SendOutcome::Sent { .. }) {
            kept.sent.push(message.clone());
        }
        answer
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
