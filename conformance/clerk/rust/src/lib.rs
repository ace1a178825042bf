//! What both generations are driven with: steps that print a line each.

use std::{cell::Cell, env, fmt::Debug, process::ExitCode};

/// Prints each step, and remembers whether one has failed.
#[derive(Default)]
pub struct Steps {
    failed: Cell<bool>,
}

impl Steps {
    /// What a call gave, if it went well and `check` finds it right.
    pub fn step<T: Debug, E: Debug>(
        &self,
        endpoint: &str,
        step: &str,
        result: Result<T, E>,
        check: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let ok = result.as_ref().is_ok_and(check);
        self.say(endpoint, step, ok, &format!("{result:?}"));
        result.ok()
    }

    /// A call that must be refused with this status and code.
    pub fn fails<T: Debug, E: Debug>(&self, endpoint: &str, step: &str, result: Result<T, E>, status: u16, code: &str) {
        let told = format!("{result:?}");
        let ok = result.is_err() && told.contains(&format!("status: {status}")) && told.contains(code);
        self.say(endpoint, step, ok, &told);
    }

    fn say(&self, endpoint: &str, step: &str, ok: bool, told: &str) {
        self.failed.set(self.failed.get() || !ok);
        let told = if ok { String::new() } else { told.chars().take(400).collect() };
        println!("{}", serde_json::json!({ "endpoint": endpoint, "step": step, "ok": ok, "told": told }));
    }

    pub fn done(self) -> ExitCode {
        ExitCode::from(u8::from(self.failed.get()))
    }
}

/// A variable of the environment that the runner sets.
pub fn given(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}
