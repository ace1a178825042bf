//! The jobs that a person has started, on whatever page they are. While one is under way and the page is visible, the
//! server is asked how far it is; otherwise nothing is asked. Without scripts each page says how far it was.

use crate::{CHANGED, announce, turns::Turns};
use leptos::{
    ev,
    prelude::*,
    wasm_bindgen::{JsCast, prelude::Closure},
    web_sys::EventTarget,
};
use std::time::Duration;
use vestibule_domain::JobId;
use vestibule_functions::{
    FunctionError,
    jobs::{JobView, cancel, dismiss, list},
};

/// The pause after a question that was not answered.
const AGAIN: Duration = Duration::from_secs(30);

/// The island's state.
#[derive(Clone, Copy)]
struct Jobs {
    slug: StoredValue<String>,
    all: RwSignal<Vec<JobView>>,
    /// What is read aloud: that a job has begun or ended, and nothing in between.
    said: RwSignal<String>,
    turns: Turns,
}

/// Shows this person's jobs. `here` is the address of the page.
#[island]
pub fn Progress(slug: String, here: String, jobs: Vec<JobView>) -> impl IntoView {
    let jobs = Jobs {
        slug: StoredValue::new(slug),
        all: RwSignal::new(jobs),
        said: RwSignal::new(String::new()),
        turns: Turns::new(),
    };
    Effect::new(move || {
        on_document("visibilitychange", move || {
            if jobs.is_under_way() {
                jobs.ask();
            }
        });
        jobs.ask_later();
    });
    view! {
        <p class="sr" role="status">{move || jobs.said.get()}</p>
        <div class="jobs">
            {move || {
                let here = here.clone();
                jobs.all.get().into_iter().map(move |job| view! { <One job jobs here=here.clone()/> }).collect_view()
            }}
        </div>
    }
}

/// One job. Its form is the same until the end, so that whoever is at its button stays there.
#[component]
fn One(job: JobView, jobs: Jobs, here: String) -> impl IntoView {
    let JobView { id, title, text, done, total, is_over, .. } = job;
    let (verb, act) = if is_over { ("Dismiss", "dismiss") } else { ("Cancel", "cancel") };
    let action = format!("/o/{}/jobs/{id}/{act}", jobs.slug.get_value());
    let name = title.clone();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        jobs.end(id, is_over);
    };
    view! {
        <form class="job" aria-label=name method="post" action=action on:submit=submit>
            <p class="job__words">
                <strong>{title.clone()}</strong>
                " "
                {text}
                <a class="job__again" href=here hidden=is_over>"Load again"</a>
            </p>
            <button class="button button--small button--quiet" aria-label=format!("{verb}: {title}")>{verb}</button>
            <progress class="progress__bar" max=total value=done aria-label=title hidden=is_over></progress>
        </form>
    }
}

impl Jobs {
    fn is_under_way(self) -> bool {
        self.all.with_untracked(|jobs| jobs.iter().any(|job| !job.is_over))
    }

    /// Asks how far the jobs are, if somebody can see it.
    fn ask(self) {
        if document().hidden() {
            return;
        }
        let turn = self.turns.next();
        leptos::task::spawn_local(async move {
            let answer = list(self.slug.get_value()).await;
            if self.turns.is_current(turn) {
                self.take(answer);
            }
        });
    }

    fn end(self, id: JobId, is_over: bool) {
        let turn = self.turns.next();
        leptos::task::spawn_local(async move {
            let slug = self.slug.get_value();
            let answer = if is_over { dismiss(slug, id).await } else { cancel(slug, id).await };
            if self.turns.is_current(turn) {
                self.take(answer);
            }
        });
    }

    /// Shows the answer. The page refreshes when a job has ended.
    fn take(self, answer: Result<Vec<JobView>, FunctionError>) {
        match answer {
            Ok(now) => {
                let before = self.all.get_untracked();
                let is_news = |job: &&JobView| !before.iter().any(|old| old.id == job.id && old.is_over == job.is_over);
                if let Some(news) = now.iter().find(is_news) {
                    self.said.set(format!("{}. {}", news.title, news.text));
                    if news.is_over {
                        announce(CHANGED);
                    }
                }
                self.all.set(now);
                self.ask_later();
            }
            // whoever is signed out sees it when they load a page
            Err(error) if error.is_signed_out() => {}
            Err(_) => self.ask_after(AGAIN),
        }
    }

    /// Asks again when there may be something new.
    fn ask_later(self) {
        let after =
            self.all.with_untracked(|jobs| jobs.iter().filter(|job| !job.is_over).map(|job| job.ask_after).min());
        if let Some(after) = after {
            self.ask_after(Duration::from_secs(after.into()));
        }
    }

    fn ask_after(self, pause: Duration) {
        let turn = self.turns.current();
        let ask = move || {
            if self.turns.is_current(turn) {
                self.ask();
            }
        };
        set_timeout(ask, pause);
    }
}

/// Calls this at each such event of the document, for as long as the page is there.
fn on_document(name: &str, then: impl Fn() + 'static) {
    let then = Closure::<dyn Fn()>::new(then);
    let target: &EventTarget = &document();
    _ = target.add_event_listener_with_callback(name, then.as_ref().unchecked_ref());
    then.forget();
}
