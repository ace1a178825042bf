//! Executes commands: invites users, and removes them from the organization.

use super::caller::{Tenant, demand};
use super::commands::{self, Command, CommandStep, Create};
use super::fault::VendorResult;
use super::problem::Problem;
use super::reading::Query;
use super::users::address;
use super::wire::{Note, Report};
use crate::FacadeState;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use vestibule_core::service::{Conflict, Error, InvitationConflict, NewInvitation, NotFound, RowOutcome, Scope};
use vestibule_domain::{EmailAddress, Permission, Role, Status};
use vestibule_web::Json;
use vestibule_web::extract::MediaType;

/// The context in which commands are executed or only checked.
struct Desk<'a> {
    state: &'a FacadeState,
    scope: &'a Scope,
    /// The role that every invitee gets.
    member: Role,
    is_test: bool,
}

/// Executes the commands of a request, one after the other; each finished step remains. The answer is 200 whatever the
/// results of the single commands are.
pub async fn run(
    State(state): State<FacadeState>,
    Tenant { scope, .. }: Tenant,
    query: Query,
    headers: HeaderMap,
    body: Bytes,
) -> VendorResult<Json<Report>> {
    let is_test = query.yes_or_no("testOnly", false)?;
    MediaType::JSON.check(&headers)?;
    let commands = commands::read(&body)?;
    let roles = state.vestibule.roles().all(&scope).await?;
    let member = roles.into_iter().find(|role| role.key == Role::MEMBER).ok_or(Error::from(NotFound::Role))?;
    let desk = Desk { state: &state, scope: &scope, member, is_test };
    desk.check(&commands)?;
    let mut report = Report::default();
    for (index, command) in commands.into_iter().enumerate() {
        let (warnings, problems) = desk.carry_out(&command, report.completed > 0).await?;
        report.add(is_test, problems.is_empty());
        report.errors.extend(problems.into_iter().map(|problem| note(index, &command, problem, true)));
        report.warnings.extend(warnings.into_iter().map(|problem| note(index, &command, problem, false)));
    }
    report.conclude();
    Ok(Json(report))
}

impl Report {
    fn add(&mut self, is_test: bool, is_done: bool) {
        *match (is_done, is_test) {
            (false, _) => &mut self.not_completed,
            (true, true) => &mut self.completed_in_test_mode,
            (true, false) => &mut self.completed,
        } += 1;
    }

    fn conclude(&mut self) {
        let done = self.completed + self.completed_in_test_mode;
        self.result = match (done, self.not_completed) {
            (_, 0) => "success",
            (0, _) => "error",
            _ => "partial",
        };
    }
}

fn note(index: usize, command: &Command, (step, problem): (usize, Problem), is_error: bool) -> Note {
    let Problem { code, message } = problem;
    let (request_id, user) = (command.request_id.clone(), command.user.clone());
    let (error_code, warning_code) = if is_error { (Some(code), None) } else { (None, Some(code)) };
    Note { index, step, request_id, message, user, error_code, warning_code }
}

/// The result of a command: the warnings and the errors of its steps.
type CommandOutcome = (Vec<(usize, Problem)>, Vec<(usize, Problem)>);

impl Desk<'_> {
    /// Refuses the whole request before anything is done if the client lacks a permission that some command needs.
    fn check(&self, commands: &[Command]) -> VendorResult<()> {
        for step in commands.iter().flat_map(|command| &command.steps) {
            demand(self.scope, Permission::UserInvite)?;
            match step {
                CommandStep::Invite(_) => {
                    self.member.permissions.iter().try_for_each(|permission| demand(self.scope, *permission))?;
                }
                CommandStep::Remove { .. } => {
                    [Permission::UserRead, Permission::UserEdit].iter().try_for_each(|p| demand(self.scope, *p))?;
                }
            }
        }
        Ok(())
    }

    /// Executes the steps in their order until one fails, or none if one can't be parsed. `has_done` says whether a
    /// command has already been completed, so that the request as a whole can no longer be refused.
    async fn carry_out(&self, command: &Command, has_done: bool) -> VendorResult<CommandOutcome> {
        let mut warnings = Vec::new();
        if !command.problems.is_empty() {
            return Ok((warnings, command.problems.clone()));
        }
        for (number, step) in command.steps.iter().enumerate() {
            let done = match step {
                CommandStep::Invite(create) => self.invite(create).await,
                CommandStep::Remove { deletes_account } => {
                    let message =
                        "Only the membership was removed. Accounts belong to people and can't be deleted by a client.";
                    let warning = Problem::new("warning.account.not_deleted", message);
                    warnings.extend(deletes_account.then_some((number, warning)));
                    self.remove(command).await
                }
            };
            let problem = match done {
                Ok(()) => continue,
                Err(Error::RateLimited(_)) if has_done || number > 0 => {
                    Problem::new("error.too_many_requests", "There were too many invites. Retry this one later.")
                }
                Err(Error::Forbidden(permission)) if matches!(step, CommandStep::Remove { .. }) => {
                    Problem::outranked(permission)
                }
                Err(error) => Problem::of(error)?,
            };
            return Ok((warnings, vec![(number, problem)]));
        }
        Ok((warnings, Vec::new()))
    }

    async fn invite(&self, create: &Create) -> Result<(), Error> {
        let new = NewInvitation {
            email: create.email.clone(),
            name: create.name.clone(),
            role_ids: vec![self.member.id],
            notify: true,
            ..NewInvitation::default()
        };
        let invited = match self.is_test {
            true => self.look(new).await,
            false => self.state.vestibule.invitations().invite_one(self.scope, &new).await.map(|_| ()),
        };
        match invited {
            Err(Error::Conflict(Conflict::Invitation(
                InvitationConflict::AlreadyInvited(_) | InvitationConflict::AlreadyMember,
            ))) if create.may_exist => Ok(()),
            invited => invited,
        }
    }

    /// Returns the result that inviting would have, without inviting.
    async fn look(&self, new: NewInvitation) -> Result<(), Error> {
        let outcomes = self.state.vestibule.invitations().invite_rows(self.scope, &[new], true).await?;
        match outcomes.into_iter().next() {
            Some(RowOutcome::AlreadyInvited(id)) => Err(InvitationConflict::AlreadyInvited(id).into()),
            Some(RowOutcome::AlreadyMember) => Err(InvitationConflict::AlreadyMember.into()),
            Some(RowOutcome::Refused(violations)) => Err(Error::Invalid(violations)),
            Some(RowOutcome::Invited(_) | RowOutcome::WouldInvite | RowOutcome::WrittenTwice) | None => Ok(()),
        }
    }

    /// Removes a user's access to the organization: deletes the membership, and revokes the open invitation. Having
    /// neither is not an error.
    async fn remove(&self, command: &Command) -> Result<(), Error> {
        let user = command.user.as_deref().unwrap_or_default();
        let Some(email) = address(user, command.domain.as_deref()) else { return Ok(()) };
        if self.is_test {
            return Ok(());
        }
        self.remove_member(&email).await?;
        let Some(open) = self.state.newest(self.scope, &email, Status::Pending).await? else { return Ok(()) };
        match self.state.vestibule.invitations().revoke(self.scope, open).await {
            Ok(_) | Err(Error::Closed(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn remove_member(&self, email: &EmailAddress) -> Result<(), Error> {
        let Some(member) = self.state.vestibule.members().of_address(self.scope, email).await? else { return Ok(()) };
        match self.state.vestibule.members().remove(self.scope, member.id).await {
            Ok(_) | Err(Error::NotFound(NotFound::Member)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
