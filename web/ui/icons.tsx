// Line icons, drawn here: 18 by 18, one stroke.
const paths = {
  home: "M3 8.5 9 3l6 5.5V15h-4v-4H7v4H3z",
  customers: "M6.5 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM2 15c0-2.5 2-4 4.5-4S11 12.5 11 15M12 8a2 2 0 1 0 0-4M13 11c1.8.3 3 1.7 3 4",
  imports: "M9 2v9M5.5 7.5 9 11l3.5-3.5M3 13v2.5h12V13",
  forms: "M4 2h10v14H4zM6.500 5.500h5M6.500 8.500h5M6.500 12l1 1 2-2.500",
  connectors: "M6 3v4M12 3v4M4 7h10v3a5 5 0 0 1-10 0zM9 15v1.500",
  streams: "M2 5h9M14 5h2M2 9h5M10 9h6M2 13h11M8.500 3l3 2-3 2M6.500 7l3 2-3 2",
  quality: "M3 15V9.500M7 15V6M11 15v-7M15 15V3M2 15.500h14",
  statistics: "M9 3v6h6M9 15.500a6.500 6.500 0 1 1 0-13 6.500 6.500 0 0 1 0 13zM9 9l-4.600 4.600",
  matching: "M6.500 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11.500 14a4 4 0 1 0 0-8 4 4 0 0 0 0 8z",
  audit: "M9 2 3 4.5v4c0 4 2.600 6.500 6 7.500 3.400-1 6-3.500 6-7.500v-4zM6.500 9l2 2 3.500-4",
  people: "M9 8.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3 16c0-3 2.600-4.800 6-4.800s6 1.800 6 4.800",
  policy: "M3 4h12M3 9h12M3 14h7M12.500 12l2 2 2-3",
  requests: "M4 3h7l3 3v9H4zM11 3v3h3M6.500 9.500l1.500 1.500 3-3",
  recertification: "M3.500 9a5.500 5.500 0 0 1 9.500-3.800M14.500 9a5.500 5.500 0 0 1-9.500 3.800M13 2v3.200H9.800M5 16v-3.200h3.200",
  rights: "M6.500 8.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM2 15.500c0-2.700 1.900-4.500 4.500-4.500s4.500 1.800 4.500 4.500M10.500 3.500h5.500v4h-2.500l-1.500 1.500V7.500h-1.500",
  lawful: "M9 2.500v13M5.500 15.500h7M3.500 4.500h11M3.500 4.500 1.500 9.500a2 2 0 0 0 4 0zM14.500 4.500l-2 5a2 2 0 0 0 4 0z",
  recipients: "M3 15.500v-10h5v10M8 15.500v-13h7v13M1.500 15.500h15M5.500 8.500v.200M5.500 11.500v.200M11.500 5.500v.200M11.500 8.500v.200M11.500 11.500v.200",
  accountability: "M6 3.500H4v12h10v-12h-2M6.500 2h5v3h-5zM6.500 8.500h5M6.500 11.500h3",
  keys: "M6 12a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM9 9h7M13 9v3M16 9v2",
  menu: "M3 5h12M3 9h12M3 13h12",
  search: "M8 13A5 5 0 1 0 8 3a5 5 0 0 0 0 10zM12 12l4 4",
  info: "M9 16A7 7 0 1 0 9 2a7 7 0 0 0 0 14zM9 8v5M9 5.300v.4",
} as const;

export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
