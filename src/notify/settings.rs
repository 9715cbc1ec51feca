//! What `queues.notification_settings` says.

use serde::Deserialize;

use super::BreakerPolicy;

/// What `queues.notification_settings` says.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
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
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
pub struct HourlyCaps {
    /// By push.
    pub push: u32,
    /// By email.
    pub email: u32,
}

impl Default for HourlyCaps {
    fn default() -> Self {
        Self { push: 20, email: 6 }
    }
}
