// Where to start from: what common systems send, mapped to fields that service needs.
import type { Schemas } from "../../api/client";

type Spec = Omit<Schemas["ConnectorSpec"], "source">;
const service = [{ id: "service", basis: "contract" as const }];
const marketing = [...service, { id: "marketing_email", basis: "consent" as const }];

export const templates: Record<string, Spec> = {
  Shopify: {
    label: "Shopify", kind: "webhook", purposes: marketing, settings: { signing: "shopify" },
    mappings: {
      "orders/create": { event: "Order Completed", person: "customer.id", when: "created_at", values: { email: "customer.email", mobile: "customer.phone", order: "name", amount: "total_price", order_items: "line_items.title" }, consent: { marketing_email: "customer.accepts_marketing" } },
      "customers/create": { person: "id", when: "created_at", values: { email: "email", mobile: "phone" }, consent: { marketing_email: "accepts_marketing" } },
    },
  },
  WooCommerce: {
    label: "WooCommerce", kind: "webhook", purposes: service, settings: { signing: "woocommerce" },
    mappings: { "order.created": { event: "Order Completed", person: "customer_id", when: "date_created_gmt", values: { email: "billing.email", mobile: "billing.phone", city: "billing.city", order: "number", amount: "total", order_items: "line_items.name" } } },
  },
  "WeCom · 企业微信": {
    label: "WeCom", kind: "webhook", purposes: service, settings: { signing: "wecom" },
    mappings: { text: { event: "Message", person: "FromUserName", ticket: "FromUserName", channel: "chat", values: { service_note: "Content" } } },
  },
  "Standard Webhooks": { label: "Webhook", kind: "webhook", purposes: service, settings: { signing: "standard" }, mappings: { "": { event: "Order Completed", person: "data.customer.id", when: "timestamp", values: { email: "data.customer.email" } } } },
  REST: { label: "REST", kind: "rest", purposes: service, settings: { url: "https://api.example/v1/customers", items: "data", next: "next", cursor: "cursor" }, every: 300, mappings: { "": { person: "id", id: "id", values: { name_full: "name", email: "email" } } } },
  "IMAP": { label: "Service desk", kind: "mailbox", purposes: service, settings: { url: "imaps://mail.example/INBOX", user: "service@example" }, every: 60, mappings: { "": { event: "Mail", person: "from", when: "date", id: "id", ticket: "thread", match: "email", values: { name_full: "name", email: "from", service_note: "words" } } } },
  PostgreSQL: { label: "Table", kind: "postgres", purposes: service, settings: { url: "postgresql://reader@db.internal/shop", table: "public.customers", order: "updated_at, id" }, every: 60, mappings: { "": { person: "id", when: "updated_at", values: { name_full: "name", email: "email" } } } },
  "MySQL · MariaDB": { label: "Table", kind: "mysql", purposes: service, settings: { url: "mysql://reader@db.internal:3306/shop", table: "customers", order: "id" }, every: 60, mappings: { "": { person: "id", values: { name_full: "name", email: "email" } } } },
  NATS: { label: "Stream", kind: "nats", purposes: service, settings: { url: "nats://bus.internal:4222", stream: "ORDERS", consumer: "fiducia" }, every: 1, mappings: { "": { event: "Order Completed", person: "customer.id", when: "at", values: { email: "customer.email", order: "number" } } } },
  "CSV · vCard · LDIF": { label: "Folder", kind: "folder", purposes: service, settings: { folder: "/srv/fiducia/in" }, every: 60, mappings: { "": { person: "id", values: { name_full: "name", email: "email", mobile: "phone" } } } },
};
