import { type AutomationDocument, automationDocument } from '../../model/documents/index.js';
import type { EnvironmentPlan, HostRole } from '../../model/index.js';
import { type AutomationWorld, runAutomation } from './automation-run.js';
import { TARGETS } from './document-targets.js';

interface Host {
  /** The machine runs and Systems Manager reaches it. */
  reachable: boolean;
  /** Seconds until it has stopped. */
  stopping: number;
  fenced: boolean;
  onHold: boolean;
  /** Active release. */
  release: string;
  previous: string | undefined;
  /** The note of an upgrade under way. */
  before: string | undefined;
  /** Release of the engine that runs. */
  engine: string | undefined;
  halted: boolean;
  openOrders: number;
  shadow: string | undefined;
}

const OTHER: Record<HostRole, HostRole> = { primary: 'standby', standby: 'primary' };

/**
 * Two trading hosts, their lease and what is around them, as far as documents see it. Agents act at once: whoever may take
 * the lease takes it when time passes. It knows a command by what is particular to it and refuses one it does not know.
 */
export class TwoHosts implements AutomationWorld {
  readonly hosts: Partial<Record<HostRole, Host>>;
  readonly told: string[] = [];
  readonly called: string[] = [];
  readonly parameters = new Map<string, string[]>([
    ['release/available', ['{"version":"new"}']],
    ['release/current', ['{"version":"old"}']],
  ]);
  holder: HostRole | 'none' = 'primary';
  epoch = 7;
  alarm = 'OK';
  calendar = 'OPEN';
  approved = true;
  /** Whether an engine of a release gets ready. */
  ready: (release: string, host: HostRole) => boolean = () => true;
  /** Whether two versions decide alike. */
  alike = true;
  /** Called after each step with its name, e.g. to break something in the middle. */
  onStep: (name: string) => void = () => {};
  /** Steps after which an engine ran on both hosts, or on none. */
  readonly bothRan: string[] = [];
  readonly noneRan: string[] = [];
  readonly #plan: EnvironmentPlan;
  #failNested = false;

  constructor(plan: EnvironmentPlan, alone = plan.hosts.hosts.length === 1) {
    this.#plan = plan;
    const host = (): Host => ({
      reachable: true,
      stopping: 0,
      fenced: false,
      onHold: false,
      release: 'old',
      previous: 'older',
      before: undefined,
      engine: undefined,
      halted: false,
      openOrders: 0,
      shadow: undefined,
    });
    this.hosts = alone ? { primary: host() } : { primary: host(), standby: host() };
    this.#start('primary');
  }

  /** Fencing and unfencing fail from now on. */
  breakFencing(): void {
    this.#failNested = true;
  }

  /** The engine that leads and is ready. */
  leader(): HostRole | undefined {
    const role = this.holder;
    if (role === 'none') return undefined;
    const host = this.#host(role);
    return host.reachable && !host.fenced && host.engine && this.ready(host.engine, role) ? role : undefined;
  }

  afterStep(name: string): void {
    this.onStep(name);
    const running = Object.values(this.hosts).filter(
      ({ engine, reachable, fenced }) => engine && reachable && !fenced,
    );
    if (running.length > 1) this.bothRan.push(name);
    if (running.length === 0) this.noneRan.push(name);
  }

  api(service: string, api: string, inputs: Readonly<Record<string, unknown>>): unknown {
    this.called.push(`${service}:${api}`);
    const name = (inputs.Name as string | undefined)?.replace(this.#plan.names.parameter(''), '') ?? '';
    switch (`${service}:${api}`) {
      case 'dynamodb:GetItem': {
        const fenced = (Object.keys(this.hosts) as HostRole[]).find((role) => this.#host(role).fenced);
        return {
          Item: {
            holder: { S: this.holder },
            epoch: { N: String(this.epoch) },
            ...(fenced ? { fenced: { S: fenced } } : {}),
          },
        };
      }
      case 'ssm:GetCalendarState':
        return { State: this.calendar };
      case 'cloudwatch:DescribeAlarms':
        return { CompositeAlarms: [{ StateValue: this.alarm }] };
      case 'ssm:GetParameter': {
        const [plain, label] = name.split(':') as [string, string?];
        const versions = this.parameters.get(label ? `${plain}:${label}` : plain);
        if (!versions) throw new Error(`ParameterNotFound ${name}`);
        return { Parameter: { Value: versions.at(-1), Version: versions.length } };
      }
      case 'ssm:LabelParameterVersion': {
        const versions = this.parameters.get(name);
        if (!versions) throw new Error('ParameterNotFound');
        this.parameters.set(`${name}:before`, [versions.at(-1) as string]);
        return {};
      }
      case 'ssm:PutParameter':
        this.parameters.set(name, [...(this.parameters.get(name) ?? []), inputs.Value as string]);
        return {};
      case 'sns:Publish':
        this.told.push(inputs.Subject as string);
        return {};
      case 'ec2:StartInstances':
        for (const id of inputs.InstanceIds as string[]) {
          if (this.#host(roleOf(id)).stopping > 0) throw new Error('IncorrectInstanceState');
          this.#host(roleOf(id)).reachable = true;
        }
        return {};
      case 'ec2:DescribeInstanceStatus': {
        const { reachable, stopping } = this.#host(roleOf((inputs.InstanceIds as string[])[0]!));
        // Without being asked for all it tells of running instances alone.
        if (!reachable && !inputs.IncludeAllInstances) return { InstanceStatuses: [] };
        const Name = reachable ? 'running' : stopping > 0 ? 'stopping' : 'stopped';
        return { InstanceStatuses: [{ InstanceState: { Name }, InstanceStatus: { Status: 'ok' } }] };
      }
      default:
        throw new Error(`${service}:${api}: no document may call it`);
    }
  }

  invoke(functionName: string, payload: Readonly<Record<string, unknown>>): unknown {
    if (functionName !== this.#plan.names.function('fence')) throw new Error(`${functionName}: unknown`);
    if (this.#failNested) throw new Error('FenceError');
    const role = payload.host as HostRole;
    const host = this.#host(role);
    if (payload.unfence === 'true') {
      host.fenced = false;
      return {};
    }
    if (this.#host(OTHER[role]).fenced) throw new Error('FenceError: the other host is fenced already');
    if (this.holder === role && payload.takeover !== 'true')
      throw new Error('FenceError: it holds the lease');
    if (payload.dryRun === 'true') return {};
    host.fenced = true;
    host.engine = undefined;
    // The environment stops fenced hosts.
    host.reachable = false;
    host.stopping = 300;
    return {};
  }

  automation(document: string, parameters: Readonly<Record<string, readonly string[]>>): void {
    const action = document.replace(this.#plan.names.document('' as never), '') as 'fence' | 'unfence';
    const content: AutomationDocument = automationDocument(action, this.#plan, TARGETS);
    const single = Object.fromEntries(
      Object.entries(parameters).map(([name, [value]]) => [name, value as string]),
    );
    const { status } = runAutomation(
      content,
      { ...worldOf(this), afterStep: () => {} },
      { parameters: single },
    );
    if (status !== 'Success') throw new Error(`${action} failed`);
  }

  approve(): void {
    if (!this.approved) throw new Error('rejected');
  }

  pass(seconds = 1): void {
    for (const host of Object.values(this.hosts)) host.stopping = Math.max(0, host.stopping - seconds);
    const holder = this.holder === 'none' ? undefined : this.#host(this.holder);
    if (holder?.reachable && !holder.fenced) {
      holder.engine ??= holder.release;
      return;
    }
    const heir = (Object.keys(this.hosts) as HostRole[]).find((role) => this.#willing(role));
    if (heir) this.#start(heir);
  }

  command(instanceId: string, commands: readonly string[]): string {
    const role = roleOf(instanceId);
    const host = this.#host(role);
    if (!host.reachable || host.fenced) throw new Error('Undeliverable');
    const text = commands.join('\n');
    const is = (part: string) => text.includes(part);
    const offer = () =>
      JSON.parse(this.parameters.get('release/available')?.at(-1) as string).version as string;
    if (is('activate "$wanted"')) return this.#change(host, /'%s' '([^']*)'/.exec(text)?.[1] as string);
    if (is('activate "$(cat')) return this.#restore(host);
    if (is('tradewind-release rollback')) return this.#change(host, host.previous as string, false);
    if (is('tradewind-release prune')) {
      host.before = undefined;
      return '';
    }
    if (is('tradewind-release fetch')) {
      const wanted = /'%s' '([^']*)'/.exec(text)?.[1];
      if (wanted !== undefined && wanted.trim() !== offer()) throw new Error('another release was deployed');
      return `${offer()}\n`;
    }
    if (is('tradewind-release shadow "$wanted"')) host.shadow = 'new';
    else if (is('shadow.mjs report')) {
      if (!this.alike) throw new Error('decides differently');
    } else if (is('tradewind-release shadow off')) host.shadow = undefined;
    else if (is('handover --json || ')) this.#giveUp(role);
    else if (is('agent.mjs handover')) this.#handOver(role);
    else if (is('agent.mjs release --json')) this.#letGo(role);
    else if (is('tradewind.mjs halt')) host.halted = true;
    else if (is('tradewind.mjs resume')) host.halted = false;
    else if (is('quiet()')) {
      if (!host.engine && this.holder === role) throw new Error('no engine runs on the leading host');
      if (host.engine && (host.openOrders > 0 || !host.halted)) throw new Error('orders are still open');
    } else if (is('active()')) {
      if (host.engine && host.halted) throw new Error('does not trade');
    } else if (is('ready()')) {
      if (this.holder !== role || !host.engine || !this.ready(host.engine, role))
        throw new Error('not ready');
    } else if (is('willing()')) {
      if (this.holder === role || !this.#willing(role)) throw new Error('would not take the lease');
    } else throw new Error(`no document may run:\n${text}`);
    return '';
  }

  #host(role: HostRole): Host {
    const host = this.hosts[role];
    if (!host) throw new Error(`there is no ${role} host`);
    return host;
  }

  #willing(role: HostRole): boolean {
    const host = this.hosts[role];
    return host?.reachable === true && !host.fenced && !host.onHold;
  }

  #start(role: HostRole): void {
    if (this.holder !== role) this.epoch++;
    this.holder = role;
    this.#host(role).engine = this.#host(role).release;
  }

  #handOver(role: HostRole): void {
    if (this.holder !== role) throw new Error(`${role} does not hold the lease`);
    if (!this.#willing(OTHER[role])) throw new Error('nobody accepted');
    this.#host(role).engine = undefined;
    this.#start(OTHER[role]);
  }

  #letGo(role: HostRole): void {
    this.#host(role).onHold = true;
    if (this.holder !== role) throw new Error(`${role} does not hold the lease; it is on hold now`);
    this.#host(role).engine = undefined;
    this.holder = 'none';
    this.pass();
  }

  #giveUp(role: HostRole): void {
    try {
      this.#handOver(role);
    } catch {
      this.#letGo(role);
    }
  }

  #change(host: Host, version: string, note = true): string {
    if (host.engine) throw new Error('an engine runs here');
    if (note) host.before ??= host.release;
    const wanted = version.trim();
    if (wanted !== host.release) {
      host.previous = host.release;
      host.release = wanted;
    }
    return this.#comeBack(host);
  }

  #restore(host: Host): string {
    if (host.engine) throw new Error('an engine runs here');
    if (host.before) host.release = host.before;
    host.before = undefined;
    return this.#comeBack(host);
  }

  #comeBack(host: Host): string {
    host.onHold = false;
    this.pass();
    return '';
  }
}

function roleOf(instanceId: string): HostRole {
  return instanceId === TARGETS.instances.primary ? 'primary' : 'standby';
}

function worldOf(hosts: TwoHosts): AutomationWorld {
  return {
    api: (service, api, inputs) => hosts.api(service, api, inputs),
    command: (id, commands) => hosts.command(id, commands),
    invoke: (name, payload) => hosts.invoke(name, payload),
    automation: (document, parameters) => hosts.automation(document, parameters),
    approve: () => hosts.approve(),
    pass: () => hosts.pass(),
  };
}
