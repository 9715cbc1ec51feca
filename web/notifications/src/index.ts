"use client";
export { Bell } from "./bell.js";
export type { Tab } from "./cache.js";
export { CallError } from "./client.js";
export {
  type Hiding,
  type Notifications,
  type PreferencesState,
  type UnreadCount,
  useBroadcast,
  useHidePerson,
  useNotifications,
  useOnline,
  usePreferences,
  useUnreadCount,
} from "./hooks.js";
export type { Dictionary } from "./i18n/index.js";
export { Inbox, type InboxProps } from "./inbox.js";
export { NotificationItem, type NotificationItemProps, RelativeTime } from "./item.js";
export { Preferences, PushToggle } from "./preferences.js";
export { NotificationsProvider, type NotificationsProviderProps } from "./provider.js";
export { type Push, type PushOptions, unsubscribe as unsubscribeFromPush, usePush } from "./push.js";
export type * from "./results.js";
export type { ButtonProps, FieldProps, Slots, SwitchProps } from "./slots.js";
export { UnsubscribePage, type UnsubscribePageProps } from "./unsubscribe.js";
