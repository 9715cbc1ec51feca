//! What `queues.notification_settings` says.

use serde_json::value::RawValue;

use super::{BreakerPolicy, providers::Channel};
use crate::base::json::{FromJson, Object, Problem};

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
