//! The list of invitations, the portal's home page.

use super::filters::Filters;
use crate::app::{
    component::{Empty, Glyph, Icon, Key, Notice, NoticeKind, plural},
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::{
    http::{HeaderMap, Uri},
    response::Response,
};
use leptos::prelude::*;
use vestibule_domain::Permission;
use vestibule_functions::{
    list::{ListPage, list},
    server::InvitationQuery,
};
use vestibule_islands::{
    FRAME_ONLY, REFRESH,
    invitation_list::{CONTENT, InvitationList, TABS},
};

pub async fn index(mut context: PortalContext, uri: Uri, headers: HeaderMap) -> Response {
    if headers.get(REFRESH).is_some_and(|asked| asked == FRAME_ONLY) {
        return context.page(|| view! { <Frame/> }).await;
    }
    let query = uri.query().unwrap_or_default().to_owned();
    let filter = InvitationQuery::parse(&query);
    let slug = context.portal_frame.organization.slug.to_string();
    let page = context.call(list(slug, query)).await;
    if let (Ok(page), true) = (&page, filter.filter().is_of_status_only()) {
        context.portal_frame.pending = page.pending;
    }
    let has_mail_server = context.vestibule().has_mail_server();
    context.show(page, move |page| view! { <Index page query=filter has_mail_server/> }).await
}

/// The list, or what to do first if there is nothing to list.
#[component]
pub fn Index(page: ListPage, query: InvitationQuery, has_mail_server: bool) -> impl IntoView {
    if page.is_first {
        let may_invite = may_invite();
        let nobody = view! { <Page title="Invitations" actions live=true><Nobody has_mail_server may_invite/></Page> };
        return nobody.into_any();
    }
    let slug = use_portal_frame().organization.slug.to_string();
    view! {
        <Frame>
            <InvitationList slug>
                <div class="stack">
                    <div id=TABS inner_html=page.tabs></div>
                    <Filters query/>
                </div>
                <div class="stack" id=CONTENT inner_html=page.content></div>
            </InvitationList>
        </Frame>
    }
    .into_any()
}

/// The page around the list, which updates itself.
#[component]
fn Frame(#[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! { <Page title="Invitations" actions live=true island=true>{children.map(|children| children())}</Page> }
}

fn actions() -> impl IntoView {
    may_invite().then(|| view! { <InviteButton/> })
}

fn may_invite() -> bool {
    use_portal_frame().permissions.contains(&Permission::UserInvite)
}

#[component]
fn InviteButton() -> impl IntoView {
    let slug = use_portal_frame().organization.slug.clone();
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
        "An invitation goes to one email address, gives the roles you choose, and expires after {} unless it is accepted.",
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
    let slug = use_portal_frame().organization.slug.clone();
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
