//! The form around the rows of the list.

use vestibule_domain::InvitationId;
use vestibule_web::form::{Several, Typed, fields};

fields! {
    /// The selected invitations of the list.
    pub struct PickForm {
        id: Several<InvitationId>,
        /// The list's URL, with its filter.
        from: Typed,
    }
}
