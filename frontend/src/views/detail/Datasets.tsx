/** The data that the version was trained or evaluated on. */
import type { ComponentChildren } from "preact";
import type { Manifest } from "../../api/types";
import { formatCount } from "../../model/format";
import { webLink } from "../../model/remote";
import { Digest, Name, Section } from "./parts";

type Dataset = NonNullable<Manifest["datasets"]>[number];

function Uri({ uri }: { uri: string }): ComponentChildren {
  const link = webLink(uri);
  if (!link) return <Name>{uri}</Name>;
  return (
    <a href={link} target="_blank" rel="noopener noreferrer">
      <Name>{uri}</Name>
    </a>
  );
}

function One({ dataset }: { dataset: Dataset }): ComponentChildren {
  const { name, split, rows, uri, digest, digestOf } = dataset;
  return (
    <li>
      <div>
        {name && <Name>{name}</Name>}
        {split && (
          <span class="dv-chip">
            <Name>{split}</Name>
          </span>
        )}
        {rows !== undefined && <span class="dim"> {formatCount(rows)} rows</span>}
      </div>
      {uri && (
        <div class="dv-uri">
          <Uri uri={uri} />
        </div>
      )}
      {!digest && digestOf && (
        <div class="dim">
          <Name>{digestOf}</Name>
        </div>
      )}
      {digest && (
        <div class="dim">
          <Digest digest={digest} />
          {digestOf && (
            <>
              {" "}
              of the <Name>{digestOf}</Name>
            </>
          )}
        </div>
      )}
    </li>
  );
}

export function Datasets({ datasets }: { datasets: Dataset[] }): ComponentChildren {
  if (datasets.length === 0) return null;
  return (
    <Section title="Data">
      <ul class="dv-list dv-datasets">
        {datasets.map((dataset, index) => (
          <One key={`${index}`} dataset={dataset} />
        ))}
      </ul>
    </Section>
  );
}
