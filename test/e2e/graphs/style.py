"""What differs between exporters whatever the network: how constants are kept,
initializers among the inputs, names, functions, declared shapes.
"""

import onnx
from onnx import helper


def constants_as_nodes(g, model):
    """All initializers, or every other one, as Constant nodes."""
    keep = [] if g.chance(0.5) else list(model.graph.initializer)[::2]
    names = {t.name for t in keep}
    nodes = [helper.make_node("Constant", [], [t.name], value=t)
             for t in model.graph.initializer if t.name not in names]
    if model.opset_import[0].version >= 12 and g.chance(0.3):
        for node in nodes:
            tensor = node.attribute[0].t
            if tensor.data_type == onnx.TensorProto.FLOAT and not tensor.dims:
                value = float(onnx.numpy_helper.to_array(tensor))
                del node.attribute[:]
                node.attribute.append(helper.make_attribute("value_float",
                                                            value))
    rest = list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(keep)
    model.graph.node.extend(nodes + rest)


def initializers_as_inputs(g, model):
    for tensor in model.graph.initializer:
        model.graph.input.append(helper.make_tensor_value_info(
            tensor.name, tensor.data_type, tensor.dims))


def without_names(g, model):
    for node in model.graph.node:
        node.name = ""


def nodes_in_functions(g, model):
    """Some nodes become calls of model-local functions."""
    wrapped = {}
    for node in list(model.graph.node):
        if node.domain or len(node.output) != 1 or not g.chance(0.3) or (
                node.op_type == "Constant" or "" in node.input):
            continue
        name = f"{node.op_type}_{len(wrapped)}"
        inputs = [f"arg{i}" for i in range(len(node.input))]
        inner = onnx.NodeProto()
        inner.CopyFrom(node)
        del inner.input[:], inner.output[:]
        inner.input.extend(inputs)
        inner.output.append("result")
        wrapped[name] = helper.make_function(
            "local.layers", name, inputs, ["result"], [inner],
            [o for o in model.opset_import if not o.domain])
        del node.attribute[:]
        node.op_type, node.domain = name, "local.layers"
    if wrapped:
        g.tag("functions")
        model.functions.extend(wrapped.values())
        model.opset_import.append(helper.make_opsetid("local.layers", 1))
        model.ir_version = max(model.ir_version, 8)


def stretch_in_function(g, model):
    """A run of nodes becomes one function with all that it needs."""
    nodes = list(model.graph.node)
    first = g.random.randrange(len(nodes))
    chosen = nodes[first:first + g.random.randint(2, 6)]
    made = [o for n in chosen for o in n.output]
    inside = set(made)
    inputs = list(dict.fromkeys(i for n in chosen for i in n.input
                                if i and i not in inside))
    after = {i for n in nodes if n not in chosen for i in n.input}
    after |= {o.name for o in model.graph.output}
    outputs = [o for o in made if o in after]
    if not inputs or not outputs or any(n.domain == "local.layers"
                                        for n in chosen):
        return
    g.tag("stretch")
    model.functions.append(helper.make_function(
        "local.blocks", "Block", inputs, outputs, chosen,
        [o for o in model.opset_import]))
    call = helper.make_node("Block", inputs, outputs, "block",
                            domain="local.blocks")
    del model.graph.node[:]
    model.graph.node.extend(nodes[:first] + [call] +
                            nodes[first + len(chosen):])
    model.opset_import.append(helper.make_opsetid("local.blocks", 1))
    model.ir_version = max(model.ir_version, 8)


def unused_opsets(g, model):
    model.opset_import.extend([helper.make_opsetid("ai.onnx.training", 1),
                               helper.make_opsetid("com.example", 2)])


def undeclared_domains(g, model):
    """QONNX's are often not imported."""
    kept = [o for o in model.opset_import
            if not o.domain.startswith(("qonnx", "onnx.", "finn"))
            or o.version != 1]
    del model.opset_import[:]
    model.opset_import.extend(kept)


def foreign_outputs(g, model):
    """Further outputs, by operators that nobody knows, of no tensor's type."""
    first = model.graph.output[0].name
    model.graph.node.append(helper.make_node(
        "ZipMap", [first], ["map"], "zip", domain="ai.onnx.ml",
        classlabels_int64s=[0, 1]))
    model.graph.node.append(helper.make_node(
        "Explain", ["map", first], ["why", "how"], domain="com.example"))
    output = onnx.ValueInfoProto(name="map")
    output.type.sequence_type.elem_type.map_type.key_type = 7
    output.type.sequence_type.elem_type.map_type.value_type.tensor_type \
        .elem_type = 1
    model.graph.output.extend([output, onnx.ValueInfoProto(name="why")])
    model.opset_import.extend([helper.make_opsetid("ai.onnx.ml", 3)] if all(
        o.domain != "ai.onnx.ml" for o in model.opset_import) else [])


STYLES = {foreign_outputs: 0.1,
          constants_as_nodes: 0.2, initializers_as_inputs: 0.15,
          without_names: 0.15, nodes_in_functions: 0.08,
          stretch_in_function: 0.08, unused_opsets: 0.1,
          undeclared_domains: 0.3}


def finish(g, outputs):
    """The model with its outputs, in the manner of some exporter."""
    model = g.model(outputs)
    for declared, output in zip(model.graph.output, outputs):
        values = g.look(output)
        shape = list(values.shape[1:])
        if g.batch != 1 and shape:
            shape[0] = g.batch
        declared.CopyFrom(helper.make_tensor_value_info(
            output, helper.np_dtype_to_tensor_dtype(values.dtype), shape))
    for style, probability in STYLES.items():
        if g.chance(probability):
            g.tag(style.__name__)
            style(g, model)
    return model
