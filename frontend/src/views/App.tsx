/** The page: filters on the left, the table, one version on the right. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Store } from "../state/store";
import { VersionsTable } from "../table/VersionsTable";
import { CompareHost } from "./CompareHost";
import { StoreContext } from "./context";
import { DetailHost } from "./DetailHost";
import { ChartPanel } from "./panel/ChartPanel";
import { fills } from "./panel/kinds";
import { ServedBanner, ThenBanner, TroubleBanner } from "./RegistryBanners";
import { Sidebar } from "./Sidebar";
import { Banner, Empty, Failed, NoMatch, OutsideBanner, Skeleton, WindowBanner } from "./States";
import { StatusLine } from "./StatusLine";
import { Toolbar } from "./Toolbar";

function Main({ children }: { children: ComponentChildren }): ComponentChildren {
  return (
    <main class="center">
      <h1 class="vh">Versions</h1>
      {children}
    </main>
  );
}

function Rows({ store }: { store: Store }): ComponentChildren {
  if (store.rows.tally.value.found > 0) return <VersionsTable store={store} />;
  return (
    <div class="fill">
      <NoMatch />
    </div>
  );
}

function Center({ store }: { store: Store }): ComponentChildren {
  const table = store.table.value;
  const { phase } = store.feed.live.state.value;
  if (!table) return <Main>{phase === "failing" ? <Failed /> : <Skeleton />}</Main>;
  if (store.rows.total.value === 0) {
    const scanning = table.payload.status === "loading" && table.payload.unregistered === 0;
    return (
      <Main>
        <div class="fill">{scanning ? <Skeleton /> : <Empty />}</div>
        <Banner />
        <StatusLine />
      </Main>
    );
  }
  return (
    <Main>
      <Toolbar />
      <OutsideBanner />
      <TroubleBanner />
      <ServedBanner />
      <ThenBanner />
      <ChartPanel />
      {!fills(store.view.value) && <Rows store={store} />}
      <Banner />
      <WindowBanner />
      <StatusLine />
    </Main>
  );
}

export function App({ store }: { store: Store }): ComponentChildren {
  const dark = store.host.dark.value;
  useEffect(() => {
    document.documentElement.classList.toggle("dark", dark);
  }, [dark]);
  const some = store.table.value !== null && store.rows.total.value > 0;
  const comparing = store.view.comparing.value && store.table.value !== null;
  return (
    <StoreContext.Provider value={store}>
      <div class="page">
        {some && !comparing && store.side.value && <Sidebar />}
        {comparing ? <CompareHost /> : <Center store={store} />}
        {some && <DetailHost />}
        <div class="vh" aria-live="polite">
          {store.feed.announcement.value}
        </div>
      </div>
    </StoreContext.Provider>
  );
}
