//! The environment variables of a worker.

/// The environment variables of a worker. The core reads settings, and of secrets only whether they are
/// set: their values never enter it.
pub trait Variables {
    /// The value of a variable that is not a secret.
    fn variable(&self, name: &str) -> Option<String>;

    /// Whether a variable is set to more than white space. A blank secret counts as removed: some hosts
    /// cannot remove one.
    fn is_set(&self, name: &str) -> bool;

    /// The trimmed value of a variable; `None` if nothing is left.
    fn setting(&self, name: &str) -> Option<String> {
        let value = self.variable(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }
}

impl<F: Fn(&str) -> Option<String>> Variables for F {
    fn variable(&self, name: &str) -> Option<String> {
        self(name)
    }

    fn is_set(&self, name: &str) -> bool {
        self.setting(name).is_some()
    }
}
