//! What a claim says beyond its messages: the people, devices and providers that they concern. Read
//! by the database in the claim's own transaction; these types know its field names.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    breaker::{BreakerPolicy, BreakerState},
    json::{FromJson, Object, Problem},
    providers::{Channel, Device, Provider},
};

/// The context of one claim. A queue without one has an empty one.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The settings that its decisions depend on.
    pub settings: Settings,
    /// The people to be told, by their profile; those that do not exist are missing.
    pub recipients: BTreeMap<Uuid, Recipient>,
    /// The deliveries that the claimed messages name; those that do not exist are missing.
    pub deliveries: BTreeMap<Uuid, Opened>,
    /// What is known of the providers that may be needed.
    pub breakers: Vec<BreakerState>,
}

/// What `queues.notification_settings` says.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Events of a group within so long become one notification.
    pub coalesce_secs: u32,
    /// How long an email waits for the notification to be read in the app.
    pub email_delay_secs: u32,
    /// Most deliveries to one person within an hour.
    pub hourly_caps: HourlyCaps,
    /// A delivery that is older than this is given up.
    pub max_age_secs: u32,
    breaker_failures: u32,
    breaker_base_secs: u32,
    breaker_cap_secs: u32,
}

impl Settings {
    /// When to stop asking a provider that fails.
    #[must_use]
    pub fn breaker(&self) -> BreakerPolicy {
        BreakerPolicy {
            failures: self.breaker_failures,
            base_secs: self.breaker_base_secs,
            cap_secs: self.breaker_cap_secs,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            coalesce_secs: 3_600,
            email_delay_secs: 600,
            hourly_caps: HourlyCaps::default(),
            max_age_secs: 86_400,
            breaker_failures: 5,
            breaker_base_secs: 30,
            breaker_cap_secs: 900,
        }
    }
}

/// Most deliveries to one person within an hour, by channel.
#[derive(Debug, Clone, Copy)]
pub struct HourlyCaps {
    push: u32,
    email: u32,
}

impl Default for HourlyCaps {
    fn default() -> Self {
        Self { push: 20, email: 6 }
    }
}

impl HourlyCaps {
    /// The cap of a channel.
    #[must_use]
    pub fn of(self, channel: Channel) -> u32 {
        match channel {
            Channel::Push => self.push,
            Channel::Email => self.email,
        }
    }
}

/// A person who is to be told something.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// As the profile says it.
    pub language: Option<String>,
    /// Whether they want pushes.
    pub push_notifications: bool,
    /// Whether they want emails.
    pub email_notifications: bool,
    /// Whether they have an address that is confirmed.
    pub has_email: bool,
    /// Where pushes go.
    pub devices: Vec<DeviceRef>,
    /// When they want to be left alone.
    pub quiet: Option<QuietHours>,
    /// The time of day where they are.
    pub local_time: TimeOfDay,
}

/// A device, without its secrets.
#[derive(Debug, Clone, Copy)]
pub struct DeviceRef {
    /// `None` is the token in the profile itself.
    pub id: Option<Uuid>,
    /// Who delivers to it.
    pub provider: Provider,
}

/// One row of the ledger of deliveries, claimed together with its message.
#[derive(Debug, Clone)]
pub struct Opened {
    /// As it was before this claim.
    pub status: OpenedStatus,
    /// Push or email.
    pub channel: Channel,
    /// How old it is.
    pub age_secs: u32,
    /// What is to be told.
    pub notification: Notification,
    /// Whom.
    pub recipient: Addressee,
    /// Where to, for a push; `None` if the device is gone.
    pub device: Option<OpenedDevice>,
}

/// A device with its secrets.
#[derive(Debug, Clone)]
pub struct OpenedDevice {
    /// `None` is the token in the profile itself.
    pub id: Option<Uuid>,
    /// What its provider needs to know.
    pub device: Device,
}

/// The status of a delivery before its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenedStatus {
    /// To be sent.
    Pending,
    /// Claimed before, and its fate unknown: it may have been sent.
    Sending,
    /// Done.
    Sent,
    /// Not to be sent.
    Skipped,
    /// Given up before; redriven now.
    Failed,
}

/// A notification as its recipient sees it in the app.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Its row.
    pub id: Uuid,
    /// What it tells.
    pub kind: String,
    /// Its words, in the recipient's language.
    pub title: Option<String>,
    /// More of them.
    pub body: Option<String>,
    /// The place in the app that it is about.
    pub url: Option<String>,
    /// What else is known.
    pub data: Box<RawValue>,
    /// Whether it has been read.
    pub is_read: bool,
    /// Whether what it tells has been taken back.
    pub is_withdrawn: bool,
}

/// The person a delivery goes to.
#[derive(Debug, Clone)]
pub struct Addressee {
    /// Their profile.
    pub id: Uuid,
    /// As the profile says it.
    pub language: Option<String>,
    /// Whether they still want pushes.
    pub push_notifications: bool,
    /// Whether they still want emails.
    pub email_notifications: bool,
    /// Their address, if it is confirmed.
    pub email: Option<String>,
    /// What proves that an unsubscription comes from an email of theirs.
    pub unsubscribe_token: Option<String>,
    /// When they want to be left alone.
    pub quiet: Option<QuietHours>,
    /// The time of day where they are.
    pub local_time: TimeOfDay,
    /// What was sent to them by this channel within the last hour.
    pub sent_last_hour: u32,
}

/// Seconds since midnight, where the person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u32);

const DAY_SECS: u32 = 24 * 60 * 60;

impl TimeOfDay {
    /// Reads `HH:MM:SS`, with or without a fraction, as PostgreSQL writes a time.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').next()?.split(':');
        let mut next = |max: u32| parts.next()?.parse::<u32>().ok().filter(|n| *n <= max);
        let (hours, minutes, secs) = (next(24)?, next(59)?, next(60)?);
        Some(Self((hours * 60 + minutes) * 60 + secs))
    }
}

/// The hours in which a person is not disturbed; over midnight if they begin later than they end.
#[derive(Debug, Clone, Copy)]
pub struct QuietHours {
    from: TimeOfDay,
    until: TimeOfDay,
}

impl QuietHours {
    /// How long they still last at that time; 0 outside of them.
    #[must_use]
    pub fn left_secs(self, at: TimeOfDay) -> u32 {
        let (from, until, at) = (self.from.0, self.until.0, at.0);
        let is_quiet = if from <= until {
            (from..until).contains(&at)
        } else {
            at >= from || at < until
        };
        match (is_quiet, at < until) {
            (false, _) => 0,
            (true, true) => until - at,
            (true, false) => DAY_SECS.saturating_sub(at) + until,
        }
    }
}

impl FromJson for Context {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            settings: fields.get_or("settings", Settings::default())?,
            recipients: fields.get_or("recipients", BTreeMap::new())?,
            deliveries: fields.get_or("deliveries", BTreeMap::new())?,
            breakers: fields.get_or("breakers", Vec::new())?,
        })
    }
}

impl FromJson for Settings {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        let default = Self::default();
        Ok(Self {
            coalesce_secs: fields.get_or("coalesce_secs", default.coalesce_secs)?,
            email_delay_secs: fields.get_or("email_delay_secs", default.email_delay_secs)?,
            hourly_caps: fields.get_or("hourly_caps", default.hourly_caps)?,
            max_age_secs: fields.get_or("max_age_secs", default.max_age_secs)?,
            breaker_failures: fields.get_or("breaker_failures", default.breaker_failures)?,
            breaker_base_secs: fields.get_or("breaker_base_secs", default.breaker_base_secs)?,
            breaker_cap_secs: fields.get_or("breaker_cap_secs", default.breaker_cap_secs)?,
        })
    }
}

impl FromJson for HourlyCaps {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        let default = Self::default();
        Ok(Self {
            push: fields.get_or("push", default.push)?,
            email: fields.get_or("email", default.email)?,
        })
    }
}

impl FromJson for Recipient {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            language: fields.get("language")?,
            push_notifications: fields.get("push_notifications")?,
            email_notifications: fields.get("email_notifications")?,
            has_email: fields.get("has_email")?,
            devices: fields.get_or("devices", Vec::new())?,
            quiet: fields.get("quiet")?,
            local_time: fields.get("local_time")?,
        })
    }
}

impl FromJson for DeviceRef {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            id: fields.get("id")?,
            provider: fields.get("provider")?,
        })
    }
}

impl FromJson for Opened {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            status: fields.get("status")?,
            channel: fields.get("channel")?,
            age_secs: fields.get("age_secs")?,
            notification: fields.get("notification")?,
            recipient: fields.get("recipient")?,
            device: fields.get("device")?,
        })
    }
}

impl FromJson for OpenedStatus {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        match String::from_json(json)?.as_str() {
            "pending" => Ok(Self::Pending),
            "sending" => Ok(Self::Sending),
            "sent" => Ok(Self::Sent),
            "skipped" => Ok(Self::Skipped),
            "failed" => Ok(Self::Failed),
            _ => Err(Problem::new("is not a status of a delivery")),
        }
    }
}

impl FromJson for OpenedDevice {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            id: fields.get("id")?,
            device: Device {
                provider: fields.get("provider")?,
                token: fields.get("token")?,
                p256dh: fields.get("p256dh")?,
                auth: fields.get("auth")?,
            },
        })
    }
}

impl FromJson for Notification {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            id: fields.get("id")?,
            kind: fields.get("type")?,
            title: fields.get("title")?,
            body: fields.get("body")?,
            url: fields.get("url")?,
            data: fields.get("data")?,
            is_read: fields.get("is_read")?,
            is_withdrawn: fields.get("is_withdrawn")?,
        })
    }
}

impl FromJson for Addressee {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            id: fields.get("id")?,
            language: fields.get("language")?,
            push_notifications: fields.get("push_notifications")?,
            email_notifications: fields.get("email_notifications")?,
            email: fields.get("email")?,
            unsubscribe_token: fields.get("unsubscribe_token")?,
            quiet: fields.get("quiet")?,
            local_time: fields.get("local_time")?,
            sent_last_hour: fields.get("sent_last_hour")?,
        })
    }
}

impl FromJson for TimeOfDay {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let time = Self::parse(&String::from_json(json)?);
        time.ok_or(Problem::new("is not a time of day"))
    }
}

impl FromJson for QuietHours {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            from: fields.get("from")?,
            until: fields.get("until")?,
        })
    }
}

impl FromJson for BreakerState {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let mut fields = Object::parse(json.get())?;
        Ok(Self {
            provider: fields.get("provider")?,
            version: fields.get("version")?,
            failures: fields.get("failures")?,
            trips: fields.get("trips")?,
            open_secs: fields.get("open_secs")?,
            may_probe: fields.get("may_probe")?,
            reason: fields.get("reason")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(from: &str, until: &str, at: &str) -> u32 {
        let time = |text| TimeOfDay::parse(text).unwrap();
        let quiet = QuietHours {
            from: time(from),
            until: time(until),
        };
        quiet.left_secs(time(at))
    }

    #[test]
    fn quiet_hours_last_until_their_end_also_over_midnight() {
        assert_eq!(left("13:00:00", "15:00:00", "14:59:59"), 1);
        assert_eq!(left("13:00:00", "15:00:00", "15:00:00"), 0);
        assert_eq!(left("13:00:00", "15:00:00", "12:59:59.9"), 0);
        assert_eq!(left("22:00:00", "07:00:00", "22:00:00"), 9 * 3_600);
        assert_eq!(left("22:00:00", "07:00:00", "23:59:59.999"), 7 * 3_600 + 1);
        assert_eq!(left("22:00:00", "07:00:00", "06:30:00"), 1_800);
        assert_eq!(left("22:00:00", "07:00:00", "07:00:00"), 0);
        assert_eq!(left("22:00:00", "07:00:00", "12:00:00"), 0);
    }

    #[test]
    fn hours_that_begin_when_they_end_are_none() {
        for at in ["00:00:00", "08:00:00", "24:00:00"] {
            assert_eq!(left("08:00:00", "08:00:00", at), 0);
        }
    }

    #[test]
    fn what_is_no_time_of_day_is_refused() {
        for text in [
            "", "7", "07:00", "25:00:00", "07:60:00", "-1:00:00", "a:b:c",
        ] {
            assert_eq!(TimeOfDay::parse(text), None, "{text}");
        }
    }
}
