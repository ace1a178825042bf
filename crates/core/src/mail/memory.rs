//! Mail kept in memory, with failures to order: for tests.

use super::Message;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use vestibule_domain::Delivery;

/// Clones share what was sent.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    answers: VecDeque<Delivery>,
    tried: Vec<Message>,
    sent: Vec<Message>,
}

impl Memory {
    /// What was sent, in order.
    pub fn messages(&self) -> Vec<Message> {
        self.kept().sent.clone()
    }

    /// What was tried, sent or not, in order.
    pub fn tries(&self) -> Vec<Message> {
        self.kept().tried.clone()
    }

    /// Answers the next tries with these; after them, and before any are given, all is sent.
    pub fn answer_with(&self, answers: Vec<Delivery>) {
        self.kept().answers.extend(answers);
    }

    pub(super) fn send(&self, message: &Message) -> Delivery {
        if let Err(refused) = message.raw() {
            return refused.into();
        }
        let mut kept = self.kept();
        let answer = kept.answers.pop_front().unwrap_or_else(|| Delivery::Sent { response: "250 Kept.".to_owned() });
        kept.tried.push(message.clone());
        if matches!(answer, Delivery::Sent { .. }) {
            kept.sent.push(message.clone());
        }
        answer
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
