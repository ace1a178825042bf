//! The list of invitations, the portal's home page.

use super::{
    filters::{Filters, tabs},
    list::List,
    query::InvitationQuery,
};
use crate::app::{
    component::{Empty, Glyph, Icon, Key, Notice, NoticeKind, PAGE, Tabs, plural},
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
    query::ListQuery,
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::{Counts, InvitationList, Permission};

pub async fn index(mut context: PortalContext, Query(query): Query<InvitationQuery>) -> Response {
    let filter = query.filter();
    let list = context.vestibule().invitations().page(&context.scope, &filter, query.cursor.some(), PAGE).boxed().await;
    if let (Ok(list), true) = (&list, filter.is_of_status_only()) {
        context.portal_frame.pending = list.counts.pending;
    }
    let has_mail_server = context.vestibule().has_mail_server();
    context.show(list, move |list| view! { <Index list query has_mail_server/> }).await
}

/// The list, or what to do first if there is nothing to list.
#[component]
pub fn Index(list: InvitationList, query: InvitationQuery, has_mail_server: bool) -> impl IntoView {
    let may_invite = use_portal_frame().permissions.contains(&Permission::UserInvite);
    let actions = move || may_invite.then(|| view! { <InviteButton/> });
    let counts = list.counts;
    let page = if query.is_all() && counts == Counts::default() {
        view! { <Nobody has_mail_server may_invite/> }.into_any()
    } else {
        view! {
            <div class="stack">
                <Tabs label="Status" tabs=tabs(&query, &counts)/>
                <Filters query=query.clone()/>
            </div>
            <List list query may_invite/>
        }
        .into_any()
    };
    view! { <Page title="Invitations" actions live=true>{page}</Page> }
}

#[component]
fn InviteButton() -> impl IntoView {
    let slug = use_portal_frame().organization.slug;
    view! {
        <a class="button button--main" href=format!("/o/{slug}/invitations/new") data-key="i">
            <Icon glyph=Glyph::Plus/>
            "Invite people "
            <Key of="I"/>
        </a>
    }
    .into_any()
}

/// Shown before the first invitation.
#[component]
fn Nobody(has_mail_server: bool, may_invite: bool) -> impl IntoView {
    let lifetime = use_portal_frame().organization.invitation_lifetime_days;
    let text = format!(
        "An invitation goes to one address, gives the roles you choose, and ends after {} unless it is accepted.",
        plural(lifetime.into(), "day", "days"),
    );
    view! {
        {(!has_mail_server).then(|| view! { <NoMailServer/> })}
        <Empty title="Nobody has been invited yet" text>
            {may_invite.then(|| view! { <InviteButton/> })}
        </Empty>
    }
    .into_any()
}

/// The notice that invitations are not mailed because there is no mail server.
#[component]
pub fn NoMailServer() -> impl IntoView {
    let slug = use_portal_frame().organization.slug;
    view! {
        <Notice
            tone=NoticeKind::Warning
            title="No mail server is set up, so nothing will be sent"
            text="Invitations still work: copy each link from its page and give it to the invitee. You can see it if you can grant every role in the invitation."
        >
            <a href=format!("/o/{slug}/outbox")>"Open the outbox"</a>
        </Notice>
    }
    .into_any()
}
