//! Above the log: the search, and fields for the action, the actor and the time. The form submits as a query of the
//! page.

use super::query::EventQuery;
use crate::app::{
    component::{FilterDays, Search},
    event_description::{action_label, words},
    form::Values,
    portal_context::use_portal_frame,
};
use leptos::prelude::*;
use vestibule_domain::{Actor, Fact};

/// The form, and the notice that only events about one invitation or one member are listed.
#[component]
pub fn Filters(query: EventQuery, actors: Vec<Actor>) -> impl IntoView {
    let hidden = [(EventQuery::invitation(), query.invitation.values()), (EventQuery::member(), query.member.values())];
    let hidden = hidden.into_iter().flat_map(|(field, ids)| {
        ids.into_iter().map(move |id| view! { <input type="hidden" name=field.name value=id/> })
    });
    let all = query.of_anybody().map(|all| all.href(use_portal_frame().organization.slug.as_str()));
    let one = if query.invitation.is_there() { "invitation" } else { "member" };
    view! {
        <Search name="Audit log" label="Search by name or email address" input=EventQuery::q().filled(query.q.text())>
            {hidden.collect_view()}
            <ActionChoice chosen=query.action.some().map(str::to_owned)/>
            <ActorChoice actors chosen=query.actor_key()/>
            <FilterDays
                label="From"
                first=(EventQuery::from().name, query.from.read())
                last=(EventQuery::to().name, query.to.read())
            />
        </Search>
        {all.map(|all| view! {
            <p class="small">"Only events about one " {one} ". " <a href=all>"Show all events"</a></p>
        })}
    }
    .into_any()
}

/// The field to choose a noun with all its actions, or a single action.
#[component]
fn ActionChoice(chosen: Option<String>) -> impl IntoView {
    let name = EventQuery::action().name;
    let groups = NOUNS.map(|noun| {
        let label = words(noun);
        let all = view! { <Choice value=noun.to_owned() label=format!("{label}: all") chosen=chosen.clone()/> };
        let actions = Fact::actions_named(noun).into_iter().map(|action| {
            view! { <Choice value=action.to_owned() label=action_label(action) chosen=chosen.clone()/> }
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

/// The nouns of actions.
const NOUNS: [&str; 8] = ["invitation", "member", "person", "organization", "role", "resource", "api_key", "webhook"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_can_be_chosen() {
        let offered: usize = NOUNS.into_iter().map(|noun| Fact::actions_named(noun).len()).sum();
        assert_eq!(offered, Fact::ACTIONS.len());
    }
}
