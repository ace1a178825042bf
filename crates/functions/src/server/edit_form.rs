//! The form that edits one invitation or several alike: their roles and their end. A page and a dialog show the same.

use super::invite_form::shown;
use leptos::prelude::*;
use vestibule_components::{Ends, LifetimeField, RolesField};
use vestibule_core::service::OfferETags;
use vestibule_domain::{
    Editable, Invitation, InvitationEdit, InvitationId, RoleId, Violation,
    editable::is_same,
    number::{grouped, plural},
};
use vestibule_web::form::{Several, Typed, fields};

/// The most invitees that the form names.
const NAMED: usize = 5;

fields! {
    /// What is changed of the selected invitations.
    pub struct EditForm {
        id: Several<InvitationId>,
        /// The list's URL, with its filter.
        from: Typed,
        /// The roles that were ticked when the form was opened. If the same ones still are, each invitation keeps its
        /// roles, whatever they are by now.
        shown_role_ids: Several<RoleId>,
        /// The ETags of the roles and ends as the form showed them.
        version: Typed,
        role_ids: Several<RoleId>,
        /// Empty to leave it unchanged.
        expires_in_days: Typed<u16>,
    }
}

impl EditForm {
    /// Parses the form as it is posted.
    pub fn parse(posted: &str) -> Self {
        serde_html_form::from_str(posted).unwrap_or_default()
    }

    /// Returns the form with what the invitations have in common.
    pub fn filled(editable: &Editable, from: &str) -> Self {
        let roles = || editable.common_roles().unwrap_or_default().iter().map(ToString::to_string);
        let ids = editable.open.iter().map(|invitation| invitation.id.to_string());
        Self {
            id: ids.collect(),
            from: from.into(),
            shown_role_ids: roles().collect(),
            version: version_of(&editable.open).into(),
            role_ids: roles().collect(),
            ..Self::default()
        }
    }

    /// Returns the form with what the invitations have in common by now. What the person has chosen stays.
    #[must_use]
    pub fn refilled(self, editable: &Editable) -> Self {
        let (present, edit) = (Self::filled(editable, self.from.text()), self.edit());
        let role_ids = if edit.role_ids.is_some() { self.role_ids } else { present.role_ids };
        Self { role_ids, expires_in_days: self.expires_in_days, ..present }
    }

    /// Returns the edit that the form asks for.
    pub fn edit(&self) -> InvitationEdit {
        let role_ids = self.role_ids.read();
        InvitationEdit {
            role_ids: (!is_same(&role_ids, &self.shown_role_ids.read())).then_some(role_ids),
            expires_in_days: self.expires_in_days.read(),
            shown: shown(&self.version),
            ..InvitationEdit::default()
        }
    }
}

fn version_of(open: &[Invitation]) -> String {
    let etags = open.iter().map(OfferETags::of).flat_map(|etags| [etags.roles, etags.end]);
    etags.collect::<Vec<_>>().join(" ")
}

/// Returns the title of the form.
pub fn title(editable: &Editable) -> String {
    match editable.open.as_slice() {
        [] => "Nothing to edit".to_owned(),
        [one] => format!("Edit invitation to {}", one.invitee()),
        many => format!("Edit {}", plural(many.len() as u64, "invitation", "invitations")),
    }
}

/// The fields. `usual` is the organization's lifetime in days.
#[component]
pub fn EditFields(editable: Editable, form: EditForm, usual: u16, violations: Vec<Violation>) -> impl IntoView {
    let error = |name: &str| violations.iter().find(|one| one.field == name).map(|one| one.sentence.to_string());
    let (roles, days) = (EditForm::role_ids().name, EditForm::expires_in_days().name);
    let ends = editable.common_end().map_or(Ends::Differently, |at| Ends::At { at, now: editable.now });
    let hint = hint(&editable);
    view! {
        <Hidden form=form.clone()/>
        <Who editable=editable.clone()/>
        <RolesField name=roles roles=editable.roles chosen=form.role_ids.read() hint error=error(roles)/>
        <LifetimeField name=days chosen=form.expires_in_days.text().to_owned() usual ends=Some(ends) error=error(days)/>
    }
    .into_any()
}

/// What the form was opened with.
#[component]
fn Hidden(form: EditForm) -> impl IntoView {
    let fields = [EditForm::id(), EditForm::shown_role_ids(), EditForm::version(), EditForm::from()];
    let fields = fields.into_iter().flat_map(|field| {
        let values = (field.values)(&form);
        values.into_iter().map(move |value| view! { <input type="hidden" name=field.name value=value/> })
    });
    fields.collect_view()
}

/// Whose invitations are edited, if there are several, and which of those that were selected are not.
#[component]
fn Who(editable: Editable) -> impl IntoView {
    let Editable { open, closed, forbidden, .. } = editable;
    let mut names: Vec<_> =
        open.iter().take(NAMED).map(|one| view! { <li><bdi>{one.invitee()}</bdi></li> }.into_any()).collect();
    if let rest @ 1.. = open.len().saturating_sub(NAMED) {
        let rest = plural(rest as u64, "other", "others");
        names.push(view! { <li class="quiet">"and " {rest}</li> }.into_any());
    }
    let names = (open.len() > 1).then(|| view! { <ul class="names">{names}</ul> });
    view! {
        {names}
        {left_out(closed, "is already closed and stays as it is.", "are already closed and stay as they are.")}
        {left_out(
            forbidden,
            "gives more than you can give, and stays as it is.",
            "give more than you can give, and stay as they are.",
        )}
    }
}

fn left_out(count: u64, one: &'static str, many: &'static str) -> Option<impl IntoView> {
    let words = plural(count, &format!("other {one}"), &format!("others {many}"));
    (count > 0).then(|| view! { <p class="small quiet">{words}</p> })
}

/// Says what ticking does, and which roles the invitations have if these differ.
fn hint(editable: &Editable) -> String {
    if editable.common_roles().is_some() {
        return "You can only give roles whose permissions you have.".to_owned();
    }
    let offered = editable.roles_offered();
    let offered: Vec<String> =
        offered.into_iter().map(|(role, count)| format!("{} ({})", role.name, grouped(count))).collect();
    format!(
        "They have different roles: {}. What you tick here replaces them. Tick none, and each keeps its own.",
        offered.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::Instant;

    #[test]
    fn roles_are_changed_only_if_others_are_chosen() {
        let [one, other] = [1, 2].map(|second| RoleId::new(Instant::from_timestamp(second, 0).unwrap()));
        let edit = |posted: String| EditForm::parse(&posted).edit();
        let same = edit(format!("shown_role_ids={one}&shown_role_ids={other}&role_ids={other}&role_ids={one}"));
        assert_eq!(same, InvitationEdit::default());
        assert_eq!(edit(format!("role_ids={other}&shown_role_ids={one}")).role_ids, Some(vec![other]));
        assert_eq!(edit(format!("role_ids={other}")).role_ids, Some(vec![other]));
        assert_eq!(edit(format!("shown_role_ids={one}")).role_ids, Some(vec![]));
        assert_eq!(
            edit("expires_in_days=7".to_owned()),
            InvitationEdit { expires_in_days: Some(7), ..Default::default() }
        );
    }
}
