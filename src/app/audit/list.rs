//! The events of one page.

use super::query::EventQuery;
use crate::app::{
    component::{Column, Glyph, Icon, NoMatch, Pager, Table, WhenStyle, plural, when},
    event_description::{DetailLines, EventDescription},
    portal_context::use_portal_frame,
    query::ListQuery,
};
use leptos::prelude::*;
use vestibule_domain::{Actor, Event, EventList, Instant, Permission, Subjects};

const COLUMNS: &[Column] =
    &[Column::new("When"), Column::new("Who"), Column::of_class("What", "table__wide"), Column::new("About")];

#[component]
pub fn List(list: EventList, query: EventQuery) -> impl IntoView {
    let all = EventQuery::default().href(use_portal_frame().organization.slug.as_str());
    let now = list.now;
    let (newer, older) = query.turns(&all, &list.page);
    let note = match query.is_all() {
        true => plural(list.head.number, "event", "events"),
        false => format!("{} on this page", plural(list.page.items.len() as u64, "event", "events")),
    };
    let subjects = list.subjects;
    let is_empty = list.page.items.is_empty();
    let rows = list.page.items.into_iter().map(|event| view! { <Row event subjects=subjects.clone() now/> });
    let rows = rows.collect_view();
    let table = match is_empty {
        true => view! { <NoMatch title="No event matches" all words="Clear the filters"/> }.into_any(),
        false => view! { <div class="list"><Table caption="Events, newest first" columns=COLUMNS>{rows}</Table></div> }
            .into_any(),
    };
    view! {
        <div class="stack">
            {table}
            <Pager note newer older/>
        </div>
    }
    .into_any()
}

#[component]
fn Row(event: Event, subjects: Subjects, now: Instant) -> impl IntoView {
    let (row, at) = (format!("row-{}", event.id), event.at);
    let invitee = event.invitation_id.and_then(|id| subjects.invitations.get(&id));
    let description = EventDescription::of(&event, invitee.map_or("", |subject| subject.label()));
    let who = description.who.clone().unwrap_or_else(|| event.actor.name().to_owned());
    view! {
        <tr role="row" id=row>
            <td role="cell" class="table__side"><Utc at now/></td>
            <td role="cell" class="table__lead told__who"><Who actor=event.actor.clone() who/></td>
            <td role="cell" class="table__wide"><What event=event.clone() description/></td>
            <td role="cell" data-label="About"><About event subjects/></td>
        </tr>
    }
    .into_any()
}

/// The time in UTC. It is the same for everyone who reads the log, so scripts leave it as it is.
#[component]
fn Utc(at: Instant, now: Instant) -> impl IntoView {
    let words = format!("{}\u{a0}UTC", when::say(at, now, WhenStyle::Exact));
    view! { <time class="told__at" datetime=when::rfc3339(at)>{words}</time> }.into_any()
}

/// The actor, as a link to everything that they did.
#[component]
fn Who(actor: Actor, who: String) -> impl IntoView {
    let slug = use_portal_frame().organization.slug.clone();
    let href = EventQuery::by(&actor).href(slug.as_str());
    let kind = matches!(actor, Actor::ApiKey { .. }).then(|| view! { <span class="table__note">"API key"</span> });
    match actor {
        Actor::Member { .. } | Actor::ApiKey { .. } => {
            view! { <span class="person"><a class="person__name" href=href><bdi>{who}</bdi></a>{kind}</span> }
                .into_any()
        }
        Actor::Invitee | Actor::System => view! { <bdi>{who}</bdi> }.into_any(),
    }
}

/// Describes the event, with its full record in a part that can be opened.
#[component]
fn What(event: Event, description: EventDescription) -> impl IntoView {
    let facts = [
        ("Action", event.fact.action().to_owned()),
        ("At", event.at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
        ("By", event.actor.key()),
        ("Event", format!("{}, {}", event.number, event.id)),
        ("Hash", event.hash.to_string()),
    ];
    let facts = facts.map(|(name, value)| view! { <div><dt>{name}</dt><dd><code>{value}</code></dd></div> });
    view! {
        <details class="told">
            <summary class="told__line">
                <span class=format!("told__glyph {}", description.tone.ink())><Icon glyph=description.glyph/></span>
                <span class="told__text">{capitalized(&description.text)}</span>
                <span class="told__opens"><Icon glyph=Glyph::Down/></span>
            </summary>
            <div class="told__more">
                {description.detail.map(|detail| view! { <div><DetailLines detail/></div> })}
                <dl class="facts told__facts">{facts.into_iter().collect_view()}</dl>
            </div>
        </details>
    }
    .into_any()
}

/// The person or thing that the event is about, as a link if the user can see it.
#[component]
fn About(event: Event, subjects: Subjects) -> impl IntoView {
    let here = use_portal_frame();
    let may_look = here.permissions.contains(&Permission::UserRead);
    let slug = &here.organization.slug;
    let invitation = event.invitation_id.and_then(|id| Some((id, subjects.invitations.get(&id)?)));
    let member = event.member_id.filter(|id| subjects.members.contains(id));
    let label = match (invitation, event.fact.name()) {
        (Some((_, subject)), _) => subject.label().to_owned(),
        (None, name) if !name.is_empty() => name.to_owned(),
        (None, _) => here.organization.name.to_string(),
    };
    let href = match (invitation, member) {
        (Some((id, _)), _) => Some(format!("/o/{slug}/invitations/{id}")),
        (None, Some(id)) => Some(format!("/o/{slug}/members/{id}")),
        (None, None) => None,
    };
    match href.filter(|_| may_look) {
        Some(href) => view! { <a href=href><bdi>{label}</bdi></a> }.into_any(),
        None => view! { <bdi>{label}</bdi> }.into_any(),
    }
}

/// Returns the text with a capital first letter.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
