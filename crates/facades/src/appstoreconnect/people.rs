//! What invitations and users have in common: how a page of them is built, and how it is filtered.

use super::VENDOR;
use super::fault::{Fault, VendorResult};
use super::query::{ListQuery, Query};
use super::role_names;
use super::wire::{self, Apps, Listed, Person};
use crate::FacadeState;
use serde_json::Value;
use std::collections::BTreeSet;
use vestibule_domain::{Resource, Role};
use vestibule_web::Json;

/// All fields of an app in Apple's document. Answers omit those that Vestibule does not have.
pub const APP_FIELDS: &[&str] = &[
    "accessibilityUrl",
    "name",
    "bundleId",
    "sku",
    "primaryLocale",
    "isOrEverWasMadeForKids",
    "subscriptionStatusUrl",
    "subscriptionStatusUrlVersion",
    "subscriptionStatusUrlForSandbox",
    "subscriptionStatusUrlVersionForSandbox",
    "contentRightsDeclaration",
    "streamlinedPurchasingEnabled",
    "accessibilityDeclarations",
    "appEncryptionDeclarations",
    "appStoreIcon",
    "ciProduct",
    "betaTesters",
    "betaGroups",
    "appStoreVersions",
    "appTags",
    "preReleaseVersions",
    "betaAppLocalizations",
    "builds",
    "betaLicenseAgreement",
    "betaAppReviewDetail",
    "appInfos",
    "appClips",
    "appPricePoints",
    "endUserLicenseAgreement",
    "appPriceSchedule",
    "appAvailabilityV2",
    "inAppPurchases",
    "subscriptionGroups",
    "gameCenterEnabledVersions",
    "perfPowerMetrics",
    "appCustomProductPages",
    "inAppPurchasesV2",
    "promotedPurchases",
    "appEvents",
    "reviewSubmissions",
    "subscriptionGracePeriod",
    "customerReviews",
    "customerReviewSummarizations",
    "gameCenterDetail",
    "appStoreVersionExperimentsV2",
    "alternativeDistributionKey",
    "analyticsReportRequests",
    "marketplaceSearchDetail",
    "buildUploads",
    "backgroundAssets",
    "betaFeedbackScreenshotSubmissions",
    "betaFeedbackCrashSubmissions",
    "searchKeywords",
    "webhooks",
    "androidToIosAppMappingDetails",
];

/// Builds a page of people, with their apps if the query asks for them. `apps` must hold all apps that they are limited
/// to.
pub fn page(
    state: &FacadeState,
    query: &Query,
    asked: &ListQuery,
    people: &[Person<'_>],
    apps: &Apps,
    total: u64,
    next: Option<String>,
) -> Json<Value> {
    let base = VENDOR.base_url(state.vestibule.settings());
    let data = people.iter().map(|person| person.resource(&base, asked, apps)).collect();
    let included = included(&base, asked, people, apps);
    Json(Listed { data, included, total, next }.document(&base, query, asked))
}

/// Builds the answer with one person.
pub fn show(state: &FacadeState, query: &Query, asked: &ListQuery, person: &Person<'_>, apps: &Apps) -> Json<Value> {
    let base = VENDOR.base_url(state.vestibule.settings());
    let people = std::slice::from_ref(person);
    let data = person.resource(&base, asked, apps);
    Json(wire::one(query.address(&base, None), data, included(&base, asked, people, apps), asked))
}

/// Returns the resources by their ids.
pub fn by_id<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> Apps {
    resources.into_iter().map(|resource| (resource.id, resource.clone())).collect()
}

/// Returns the apps to include in the answer, each only once.
fn included(base: &str, asked: &ListQuery, people: &[Person<'_>], apps: &Apps) -> Vec<Value> {
    let beside: BTreeSet<_> = people.iter().flat_map(|person| person.included(asked, apps)).map(|app| app.id).collect();
    beside.iter().filter_map(|id| apps.get(id)).map(|resource| wire::app(base, asked, resource)).collect()
}

/// Returns the roles that these words stand for. Fails when a word does not exist.
pub fn roles_of_words<'a>(roles: &'a [Role], wanted: &[&str]) -> VendorResult<Vec<&'a Role>> {
    if let Some(unknown) = wanted.iter().find(|word| role_names::find(word).is_none()) {
        return Err(Fault::parameter(
            "filter[roles]",
            format!("'{unknown}' is not a valid value. Expected one of: {}", role_names::all()),
        ));
    }
    Ok(roles.iter().filter(|role| wanted.contains(&role_names::of_role(role))).collect())
}
