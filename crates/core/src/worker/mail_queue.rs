//! The outbox as a queue: codes and password mails come first, then the organizations in turn, and in each of them its
//! invitations before the rest.

use super::queue::{LeasedJob, Queue, Worker};
use super::send_mail::send;
use super::supervise::stopped;
use crate::service::{Result, Vestibule};
use chrono::Duration;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;
use uuid::Uuid;
use vestibule_domain::Urgency;
use vestibule_domain::seats::{Lane, Priority, SeatLimits, Seats, WaitingSource, in_turn};
use vestibule_store::{Lease, LeasedMail, OpenTx, Snapshot};

/// The seconds for which a mail is leased: the minute that a conversation can take, and time to save the result. After
/// a process was killed, only the mails that it was sending wait this long.
const LEASE_SECONDS: i64 = 90;
/// The number of lanes per query.
const LANES: u32 = 64;

/// The queue of mails, with the leases that this process holds.
pub struct MailQueue {
    vestibule: Arc<Vestibule>,
    stop: watch::Receiver<bool>,
    holder: Uuid,
    /// The lane that was served last in each class.
    last: [Option<Uuid>; 2],
}

/// Sends mail until `stop` turns true.
pub async fn run(vestibule: Arc<Vestibule>, mut stop: watch::Receiver<bool>) {
    match vestibule.has_mail_server() {
        true => worker(&vestibule, stop.clone()).go_on(&vestibule, stop).await,
        false => stopped(&mut stop).await,
    }
}

/// Sends all due mails and returns how many were attempted.
pub async fn drain(vestibule: &Arc<Vestibule>) -> Result<u64> {
    let (_goes_on, stop) = watch::channel(false);
    if vestibule.has_mail_server() { worker(vestibule, stop).drain().await } else { Ok(0) }
}

fn worker(vestibule: &Arc<Vestibule>, stop: watch::Receiver<bool>) -> Worker<MailQueue> {
    let limits = SeatLimits::of_mail(vestibule.settings().mail_connections.get() as usize);
    let vestibule = Arc::clone(vestibule);
    // a holder of leases lives as long as the mails in its hands
    Worker::new(MailQueue { vestibule, stop, holder: Lease::new_holder(), last: [None, None] }, limits)
}

/// The number of seats that each lane gets, with their class.
type Plan = Vec<(Priority, Uuid, usize)>;

impl Queue for MailQueue {
    type Job = LeasedMail;
    const CHORE: &'static str = "send_mail";

    async fn lease(&mut self, seats: &Seats) -> Result<(Vec<LeasedJob<LeasedMail>>, bool)> {
        let lease = Lease::begin(self.holder, self.vestibule.now(), Duration::seconds(LEASE_SECONDS));
        let plan = self.plan(&lease, seats).await?;
        let mails = self.take(&lease, &plan).await?;
        let planned: usize = plan.iter().map(|(_, _, count)| count).sum();
        let is_more = mails.len() < planned;
        let begun = |(class, job): (Priority, LeasedMail)| LeasedJob {
            id: job.mail.id.uuid(),
            lane: job.mail.lane(),
            class,
            job,
        };
        Ok((mails.into_iter().map(begun).collect(), is_more))
    }

    async fn tidy(&self, seats: &Seats) -> Result<()> {
        let held = self.vestibule.read(async |tx| Ok(tx.mail_leases().held_by(self.holder).await?)).await?;
        for mail in held.iter().filter(|mail| !seats.has(mail.id.uuid())) {
            self.vestibule.write(async |tx| Ok(tx.mail_leases_mut().give_back(mail, mail.due_at).await?)).await?;
        }
        Ok(())
    }

    fn work(&self, job: LeasedMail) -> impl Future<Output = ()> + Send + 'static {
        send(Arc::clone(&self.vestibule), job, self.stop.clone())
    }
}

impl MailQueue {
    async fn plan(&mut self, lease: &Lease, seats: &Seats) -> Result<Plan> {
        let (now, last) = (Instant::now(), self.last);
        let classes: Vec<Priority> = CLASSES.into_iter().filter(|class| seats.has_room(*class, now)).collect();
        let found = self
            .vestibule
            .read(async |tx| {
                let mut found = Vec::new();
                for class in &classes {
                    found.push((*class, lanes(tx, lease, *class, last[index(*class)]).await?));
                }
                Ok(found)
            })
            .await?;
        let (mut all, mut urgent) = (Plan::new(), 0);
        for (class, lanes) in found {
            let waiting: Vec<WaitingSource> = lanes.into_iter().map(waiting).collect();
            let plan = seats.plan(&waiting, class, urgent, now);
            urgent += plan.iter().map(|(_, count)| count).sum::<usize>();
            // if none of these lanes may send, it is the turn of the lanes after them
            let served = plan.last().map(|(lane, _)| *lane).or_else(|| waiting.last().map(|waiting| waiting.source));
            self.last[index(class)] = served.or(last[index(class)]);
            all.extend(plan.into_iter().map(|(lane, count)| (class, lane, count)));
        }
        Ok(all)
    }

    async fn take(&self, lease: &Lease, plan: &Plan) -> Result<Vec<(Priority, LeasedMail)>> {
        if plan.is_empty() {
            return Ok(Vec::new());
        }
        let take = async |tx: &mut OpenTx| {
            let mut mails = Vec::new();
            for (class, lane, count) in plan {
                let most = mails.len() + count;
                for urgency in urgencies(*class) {
                    let left = u32::try_from(most - mails.len()).unwrap_or(u32::MAX);
                    if left > 0 {
                        let some = tx.mail_leases_mut().lease(lease, *lane, *urgency, left).await?;
                        mails.extend(some.into_iter().map(|mail| (*class, mail)));
                    }
                }
            }
            Ok(mails)
        };
        self.vestibule.write(take).await
    }
}

/// The classes, the urgent one first.
const CLASSES: [Priority; 2] = [Priority::Urgent, Priority::Ordinary];

/// Returns the lanes with due mails, in turn.
async fn lanes(tx: &mut Snapshot, lease: &Lease, class: Priority, last: Option<Uuid>) -> Result<Vec<Lane>> {
    let mut lanes = lanes_after(tx, lease, class, None).await?;
    if lanes.len() >= LANES as usize && last.is_some() {
        let first = std::mem::replace(&mut lanes, lanes_after(tx, lease, class, last).await?);
        lanes.extend(first.into_iter().filter(|lane| last.is_none_or(|last| lane.uuid() <= last)));
        return Ok(lanes);
    }
    Ok(in_turn(lanes, last, |lane| lane.uuid()))
}

async fn lanes_after(tx: &mut Snapshot, lease: &Lease, class: Priority, after: Option<Uuid>) -> Result<Vec<Lane>> {
    let mut lanes = Vec::new();
    for urgency in urgencies(class) {
        lanes.extend(tx.mail_leases().lanes(lease, *urgency, after, LANES).await?);
    }
    lanes.sort_unstable();
    lanes.dedup();
    Ok(lanes)
}

fn waiting(lane: Lane) -> WaitingSource {
    WaitingSource { source: lane.uuid(), lane, room: usize::MAX }
}

fn urgencies(class: Priority) -> &'static [Urgency] {
    match class {
        Priority::Urgent => &[Urgency::Now],
        Priority::Ordinary => &[Urgency::Soon, Urgency::Later],
    }
}

fn index(class: Priority) -> usize {
    match class {
        Priority::Urgent => 0,
        Priority::Ordinary => 1,
    }
}
