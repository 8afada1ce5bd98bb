/** What goes in, what comes out, and what the graph is made of. */
import type { ComponentChildren } from "preact";
import type { TensorSpec } from "../../api/types";
import { formatCount, toNumber } from "../../model/format";
import { formatShape } from "../../model/snippets";
import { elements, isPublic, type MetaGraph, type ReadSignature, shapeOf, signaturesOf, type WireVariable } from "./manifest";
import { Fold, Name, Rows, Section, useMore } from "./parts";
import type { TabProps } from "./props";

function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function Type({ dtype, shape }: { dtype: string; shape: (number | null)[] | null }): ComponentChildren {
  return (
    <code>
      <Name>{dtype}</Name>
      {formatShape("", shape)}
    </code>
  );
}

function Tensors({ title, tensors }: { title: string; tensors: TensorSpec[] }): ComponentChildren {
  return (
    <tbody>
      <tr>
        <th class="dv-group" colSpan={2} scope="rowgroup">
          {title}
        </th>
      </tr>
      {tensors.length === 0 && (
        <tr>
          <td class="dim" colSpan={2}>
            none
          </td>
        </tr>
      )}
      {tensors.map((tensor) => (
        <tr key={tensor.name}>
          <th scope="row">
            <Name>{tensor.name}</Name>
            {tensor.tensor && (
              <small title="Name in the graph">
                <Name>{tensor.tensor}</Name>
              </small>
            )}
          </th>
          <td>
            <Type dtype={tensor.dtype} shape={tensor.shape} />
          </td>
        </tr>
      ))}
    </tbody>
  );
}

function OneSignature({ signature }: { signature: ReadSignature }): ComponentChildren {
  return (
    <div class="dv-signature">
      <h4>
        <Name>{signature.key}</Name>
        {signature.method && (
          <small>
            <Name>{signature.method}</Name>
          </small>
        )}
      </h4>
      <table class="dv-table dv-tensors" aria-label={`Signature ${signature.key}`}>
        <thead class="vh">
          <tr>
            <th scope="col">name</th>
            <th scope="col">type and shape</th>
          </tr>
        </thead>
        <Tensors title="inputs" tensors={signature.inputs} />
        <Tensors title="outputs" tensors={signature.outputs} />
      </table>
    </div>
  );
}

function Ops({ ops }: { ops: [string, number][] }): ComponentChildren {
  return (
    <ul class="dv-ops">
      {ops.map(([name, count]) => (
        <li key={name}>
          <code>
            <Name>{name}</Name>
          </code>{" "}
          <span class="dim">{formatCount(count)}</span>
        </li>
      ))}
    </ul>
  );
}

function Graph({ graph, several }: { graph: MetaGraph; several: boolean }): ComponentChildren {
  const ops = Object.entries(graph.ops ?? {}).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const nodes = ops.reduce((sum, [, count]) => sum + count, 0);
  const signatures = signaturesOf(graph);
  const internal = signatures.filter((signature) => !isPublic(signature));
  const tags = (graph.tags ?? []).join(", ");
  return (
    <Section title={several ? `Graph ${tags || "without tags"}` : "Signatures"}>
      {signatures.length === internal.length && <p class="dim">This graph has no signature: its functions are called by name.</p>}
      {signatures.filter(isPublic).map((signature) => (
        <OneSignature key={signature.key} signature={signature} />
      ))}
      {internal.length > 0 && (
        <Fold summary={`${plural(internal.length, "signature")} of TensorFlow's own`}>
          {() => internal.map((signature) => <OneSignature key={signature.key} signature={signature} />)}
        </Fold>
      )}
      <Rows
        rows={[
          ["tags", tags],
          ["written by", graph.tensorflowVersion && `TensorFlow ${graph.tensorflowVersion}`],
        ]}
      />
      {ops.length > 0 && (
        <Fold summary={`${plural(ops.length, "kind of op", "kinds of ops")}, ${plural(nodes, "node")}`}>{() => <Ops ops={ops} />}</Fold>
      )}
    </Section>
  );
}

function VariableRow({ variable }: { variable: WireVariable }): ComponentChildren {
  const shape = shapeOf(variable.shape);
  const count = elements(shape);
  return (
    <tr>
      <th scope="row">
        <Name>{variable.name}</Name>
        <small>
          <Type dtype={variable.dtype ?? "?"} shape={shape} />
          {variable.trainable === false && " not trainable"}
        </small>
      </th>
      <td class="num">{count === null ? "" : formatCount(count)}</td>
    </tr>
  );
}

function Variables({ variables }: { variables: readonly WireVariable[] }): ComponentChildren {
  const [shown, more] = useMore(variables, 200);
  return (
    <>
      <table class="dv-table" aria-label="Variables">
        <thead>
          <tr>
            <th scope="col">name, type and shape</th>
            <th scope="col" class="num">
              parameters
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((variable) => (
            <VariableRow key={variable.name} variable={variable} />
          ))}
        </tbody>
      </table>
      {more}
    </>
  );
}

export function SignatureTab({ payload }: TabProps): ComponentChildren {
  const model = payload.manifest?.savedModel;
  if (!model) {
    const why = payload.manifest ? "This version is a folder of files, not a SavedModel" : "The manifest can't be read";
    return <p class="dv-empty">{why}: there is no signature to show.</p>;
  }
  const graphs = model.metaGraphs ?? [];
  const variables = model.variables ?? [];
  const omitted = model.variablesOmitted ?? 0;
  const parameters = toNumber(model.parameterCount) === null ? null : formatCount(model.parameterCount);
  return (
    <>
      {graphs.map((graph, index) => (
        <Graph key={`${index}`} graph={graph} several={graphs.length > 1} />
      ))}
      {(parameters || variables.length > 0) && (
        <Section title="Variables">
          <Rows rows={[["parameters", parameters]]} />
          {variables.length > 0 && (
            <Fold summary={plural(variables.length + omitted, "variable")} open={variables.length <= 20}>
              {() => <Variables variables={variables} />}
            </Fold>
          )}
          {omitted > 0 && <p class="dim">The manifest lists the first {formatCount(variables.length)}.</p>}
        </Section>
      )}
    </>
  );
}
