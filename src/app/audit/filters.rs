//! Above the log: the search, and fields for the action, the actor and the time. The form submits as a query of the
//! page.

use super::query::EventQuery;
use crate::app::{component::Search, form::Values};
use chrono::NaiveDate;
use leptos::prelude::*;
use vestibule_domain::{Actor, Fact};

#[component]
pub fn Filters(query: EventQuery, actors: Vec<Actor>) -> impl IntoView {
    let hidden = [(EventQuery::invitation(), query.invitation.values()), (EventQuery::member(), query.member.values())];
    let hidden = hidden.into_iter().flat_map(|(field, ids)| {
        ids.into_iter().map(move |id| view! { <input type="hidden" name=field.name value=id/> })
    });
    view! {
        <Search name="Audit log" label="Search by name or address" input=EventQuery::q().filled(query.q.text())>
            {hidden.collect_view()}
            <ActionChoice chosen=query.action.some().map(str::to_owned)/>
            <ActorChoice actors chosen=query.actor_key()/>
            <span class="filters__days">
                <Day name=EventQuery::from().name label="From" day=query.from.read()/>
                <Day name=EventQuery::to().name label="to" day=query.to.read()/>
            </span>
        </Search>
    }
    .into_any()
}

#[component]
fn Day(name: &'static str, label: &'static str, day: Option<NaiveDate>) -> impl IntoView {
    let value = day.map(|day| day.to_string()).unwrap_or_default();
    view! {
        <label for=name>{label}</label>
        <input class="field__input" type="date" id=name name=name value=value/>
    }
    .into_any()
}

/// The field to choose a noun with all its actions, or a single action.
#[component]
fn ActionChoice(chosen: Option<String>) -> impl IntoView {
    let name = EventQuery::action().name;
    let groups = NOUNS.map(|(noun, label)| {
        let all = view! { <Choice value=noun.to_owned() label=format!("{label}: all") chosen=chosen.clone()/> };
        let actions = Fact::actions_named(noun).into_iter().map(|action| {
            view! { <Choice value=action.to_owned() label=format!("{label}: {}", action_phrase(action)) chosen=chosen.clone()/> }
        });
        view! { <optgroup label=label>{all}{actions.collect_view()}</optgroup> }
    });
    view! {
        <label class="sr" for=name>"Kind"</label>
        <select class="field__input" id=name name=name>
            <option value="">"Any kind"</option>
            {groups.into_iter().collect_view()}
        </select>
    }
    .into_any()
}

#[component]
fn ActorChoice(actors: Vec<Actor>, chosen: Option<String>) -> impl IntoView {
    let name = EventQuery::actor().name;
    let (programs, people): (Vec<Actor>, Vec<Actor>) =
        actors.into_iter().partition(|actor| matches!(actor, Actor::ApiKey { .. }));
    let group = |label: &'static str, actors: Vec<Actor>| {
        let chosen = chosen.clone();
        (!actors.is_empty()).then(move || {
            let choices = actors.into_iter().map(|actor| {
                view! { <Choice value=actor.key() label=actor.name().to_owned() chosen=chosen.clone()/> }
            });
            view! { <optgroup label=label>{choices.collect_view()}</optgroup> }
        })
    };
    view! {
        <label class="sr" for=name>"Who"</label>
        <select class="field__input" id=name name=name>
            <option value="">"Anyone"</option>
            <Choice value=Actor::INVITEE.to_owned() label="Invitees".to_owned() chosen=chosen.clone()/>
            <Choice value=Actor::SYSTEM.to_owned() label=Actor::System.name().to_owned() chosen=chosen.clone()/>
            {group("People", people)}
            {group("API keys", programs)}
        </select>
    }
    .into_any()
}

#[component]
fn Choice(value: String, label: String, chosen: Option<String>) -> impl IntoView {
    let selected = chosen.as_ref() == Some(&value);
    view! { <option value=value selected=selected>{label}</option> }
}

/// The nouns of actions, with their labels.
const NOUNS: [(&str, &str); 8] = [
    ("invitation", "Invitation"),
    ("member", "Member"),
    ("person", "Person"),
    ("organization", "Organization"),
    ("role", "Role"),
    ("resource", "Resource"),
    ("api_key", "API key"),
    ("webhook", "Webhook"),
];

/// Returns the action without its noun, like `delivery failed`.
fn action_phrase(action: &str) -> String {
    action.split_once('.').map_or(action, |(_, action_phrase)| action_phrase).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_can_be_chosen() {
        let offered: usize = NOUNS.into_iter().map(|(noun, _)| Fact::actions_named(noun).len()).sum();
        assert_eq!(offered, Fact::ACTIONS.len());
        assert_eq!(action_phrase("invitation.delivery_failed"), "delivery failed");
    }
}
