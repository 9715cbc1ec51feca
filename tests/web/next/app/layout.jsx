import "@suplatzigram/notifications/styles.css";
import { Notifications } from "./notifications.jsx";

export const metadata = { title: "Next.js" };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <Notifications>{children}</Notifications>
      </body>
    </html>
  );
}
